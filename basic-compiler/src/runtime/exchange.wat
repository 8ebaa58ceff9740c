;; What crosses to the host and back: values as the preorder walk of their tree, 16 bytes a node; a list of scalars is one
;; node, and its items lie where they are.

(global $lowered (mut i32) (i32.const 0))
(global $cursor (mut i32) (i32.const 0))

;; Writes `v` for the host; returns the address of its nodes and leaves their number in $lowered.
(func $lower (param $v i64) (result i32)
  (local $at i32)
  (local.set $at (global.get $top))
  (call $lower_within (local.get $v) (i32.const 200))
  (global.set $lowered (i32.shr_u (i32.sub (global.get $top) (local.get $at)) (i32.const 4)))
  (local.get $at))

(func $node (param $kind i32) (result i32)
  (local $at i32)
  (local.set $at (call $allocate (i32.const 16)))
  (i64.store (local.get $at) (i64.extend_i32_u (local.get $kind)))
  (i64.store offset=8 (local.get $at) (i64.const 0))
  (local.get $at))

(func $lower_text (@inline) (param $v i64)
  (call $lower_scalar (i64.or (i64.const 0xFFF9000000000000) (local.get $v))))

(func $lower_within (param $v i64) (param $levels i32)
  (local $i i32) (local $n i32) (local $from i32) (local $node i32) (local $item i64)
  (if (i64.lt_u (local.get $v) (i64.const 0xFFFA000000000000)) (then (call $lower_scalar (local.get $v)) (return)))
  (if (i32.eqz (local.get $levels)) (then (call $fail (i32.const 9) (i64.const 0xFFF8000000000000)) (return)))
  (local.set $levels (i32.sub (local.get $levels) (i32.const 1)))
  (local.set $n (call $length (local.get $v)))
  (local.set $from (i32.add (i32.load offset=8 (i32.wrap_i64 (local.get $v))) (i32.const 8)))
  (if (call $only_scalars (local.get $v))
    (then
      ;; Items are kept as the host reads them.
      (local.set $node (call $node (i32.const 6)))
      (i32.store offset=8 (local.get $node) (local.get $from))
      (i32.store offset=12 (local.get $node) (local.get $n))
      (return)))
  (i32.store offset=8 (call $node (i32.sub (call $tag (local.get $v)) (i32.const 0xFFF6))) (local.get $n))
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $i) (local.get $n)))
      (if (i32.eq (call $tag (local.get $v)) (i32.const 0xFFFB))
        (then
          (call $lower_text (i64.load32_u (local.get $from)))
          (local.set $from (i32.add (local.get $from) (i32.const 8)))))
      (local.set $item (i64.load (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (if (i64.lt_u (local.get $item) (i64.const 0xFFFA000000000000))
        (then (call $lower_scalar (local.get $item)))
        (else (call $lower_within (local.get $item) (local.get $levels))))
      (br_if $done (global.get $failed))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next))))

;; Whether `v` is a list that holds an item, and no text, list or map.
(func $only_scalars (param $v i64) (result i32)
  (local $at i32) (local $end i32)
  (if (i32.ne (call $tag (local.get $v)) (i32.const 0xFFFA)) (then (return (i32.const 0))))
  (if (i32.eqz (call $length (local.get $v))) (then (return (i32.const 0))))
  (local.set $at (i32.add (i32.load offset=8 (i32.wrap_i64 (local.get $v))) (i32.const 8)))
  (local.set $end (i32.add (local.get $at) (i32.shl (call $length (local.get $v)) (i32.const 3))))
  (loop $next
    (if (i64.ge_u (i64.load (local.get $at)) (i64.const 0xFFF9000000000000)) (then (return (i32.const 0))))
    (local.set $at (i32.add (local.get $at) (i32.const 8)))
    (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
  (i32.const 1))

(func $lower_scalar (param $v i64)
  (local $at i32)
  ;; As $allocate does, without the call.
  (local.set $at (global.get $top))
  (global.set $top (i32.add (local.get $at) (i32.const 16)))
  (if (i32.gt_u (global.get $top) (global.get $grown)) (then (drop (call $room (local.get $at) (i32.const 16)))))
  (if (call $is_number (local.get $v))
    (then
      (i64.store (local.get $at) (i64.const 2))
      (i64.store offset=8 (local.get $at) (local.get $v)))
    (else
      (if (i64.ge_u (local.get $v) (i64.const 0xFFF9000000000000))
        (then
          (i64.store (local.get $at) (i64.const 3))
          (i32.store offset=8 (local.get $at) (call $at (local.get $v)))
          (i32.store offset=12 (local.get $at) (call $length (local.get $v))))
        (else
          (i64.store (local.get $at) (i64.extend_i32_u (i64.ne (local.get $v) (i64.const 0xFFF8000000000000))))
          (i64.store offset=8 (local.get $at) (i64.extend_i32_u (i64.eq (local.get $v) (i64.const 0xFFF8000000000003)))))))))

;; Reads the value whose nodes begin at `at`. The host bounds its depth.
(func $lift (param $at i32) (result i64)
  (global.set $cursor (local.get $at))
  (call $lift_next))

(func $lift_next (result i64)
  (local $at i32) (local $kind i32) (local $n i32) (local $v i64) (local $key i64)
  (local.set $at (global.get $cursor))
  (global.set $cursor (i32.add (local.get $at) (i32.const 16)))
  (local.set $kind (i32.load8_u (local.get $at)))
  (if (i32.eqz (local.get $kind)) (then (return (i64.const 0xFFF8000000000000))))
  (if (i32.eq (local.get $kind) (i32.const 1)) (then (return (call $boolean (i32.load8_u offset=8 (local.get $at))))))
  (if (i32.eq (local.get $kind) (i32.const 2)) (then (return (call $number (f64.load offset=8 (local.get $at))))))
  (local.set $n (i32.load offset=8 (local.get $at)))
  (if (i32.eq (local.get $kind) (i32.const 3))
    (then (return (call $text_from_host (local.get $n) (i32.load offset=12 (local.get $at))))))
  (if (i32.eq (local.get $kind) (i32.const 6))
    (then (return (call $list_of_scalars (local.get $n) (i32.load offset=12 (local.get $at))))))
  (if (i32.eq (local.get $kind) (i32.const 4))
    (then
      (local.set $v (call $list_new (local.get $n)))
      (loop $next
        (if (local.get $n)
          (then
            (call $list_push (local.get $v) (call $lift_next))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br $next)))))
    (else
      (local.set $v (call $map_new (local.get $n)))
      (loop $next
        (if (local.get $n)
          (then
            (local.set $key (call $lift_next))
            (call $map_append (local.get $v) (local.get $key)
              (call $hash (local.get $key)) (call $lift_next))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br $next))))))
  (call $share (local.get $v)))

;; A list of the `n` items at `from`, which the host wrote.
(func $list_of_scalars (param $from i32) (param $n i32) (result i64)
  (local $v i64)
  (local.set $v (call $list_new (local.get $n)))
  (memory.copy (i32.add (i32.load offset=8 (i32.wrap_i64 (local.get $v))) (i32.const 8)) (local.get $from)
    (i32.shl (local.get $n) (i32.const 3)))
  (i32.store offset=4 (i32.wrap_i64 (local.get $v)) (local.get $n))
  (call $share (local.get $v)))

;; Reads the `n` nodes at `at` as a map of session variables into the tables. A name that the package does
;; not use is the host's to keep. What is read counts as unchanged until a variable holds something else.
(func $globals_in (param $at i32) (param $n i32)
  (local $left i32) (local $i i32)
  (call $fill_null (global.get $globals) (global.get $globals_count))
  (if (local.get $n)
    (then
      (local.set $left (i32.load offset=8 (local.get $at)))
      (global.set $cursor (i32.add (local.get $at) (i32.const 16)))
      (loop $next
        (if (local.get $left)
          (then
            (local.set $i (call $name_find (global.get $globals_names) (global.get $globals_count) (local.get $i)
              (i32.load offset=8 (global.get $cursor)) (i32.load offset=12 (global.get $cursor))))
            (global.set $cursor (i32.add (global.get $cursor) (i32.const 16)))
            (call $name_store (global.get $globals) (local.get $i) (call $lift_next))
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br $next))))))
  (if (global.get $globals_count)
    (then
      (memory.copy (global.get $globals_before) (global.get $globals) (i32.shl (global.get $globals_count) (i32.const 3))))))

;; Stores `v` in slot `i` of a table, unless `i` is -1.
(func $name_store (param $table i32) (param $i i32) (param $v i64)
  (if (i32.eq (local.get $i) (i32.const -1)) (then (return)))
  (i64.store (i32.add (local.get $table) (i32.shl (local.get $i) (i32.const 3))) (local.get $v)))

;; The place of a name in a table of `count` texts, tried from behind `last` on, around; -1 if it is not there.
(func $name_find (param $names i32) (param $count i32) (param $last i32) (param $at i32) (param $length i32) (result i32)
  (local $i i32) (local $left i32) (local $name i32)
  (local.set $i (local.get $last))
  (local.set $left (local.get $count))
  (block $none
    (loop $next
      (br_if $none (i32.eqz (local.get $left)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.ge_u (local.get $i) (local.get $count)) (then (local.set $i (i32.const 0))))
      (local.set $name (i32.load (i32.add (local.get $names) (i32.shl (local.get $i) (i32.const 2)))))
      (if (call $bytes_equal (local.get $at) (local.get $length)
            (i32.add (i32.load offset=8 (local.get $name)) (i32.const 16)) (i32.load offset=4 (local.get $name)))
        (then (return (local.get $i))))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br $next)))
  (i32.const -1))

;; Writes the session variables that changed, as a map; returns like $lower.
(func $globals_out (result i32)
  (local $at i32) (local $i i32) (local $n i32) (local $slot i32)
  (local.set $at (call $node (i32.const 5)))
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $i) (global.get $globals_count)))
      (local.set $slot (i32.shl (local.get $i) (i32.const 3)))
      (if (i64.ne (i64.load (i32.add (global.get $globals) (local.get $slot)))
            (i64.load (i32.add (global.get $globals_before) (local.get $slot))))
        (then
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (call $lower_text (i64.load32_u (i32.add (global.get $globals_names) (i32.shl (local.get $i) (i32.const 2)))))
          (call $lower_within (i64.load (i32.add (global.get $globals) (local.get $slot))) (i32.const 200))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (i32.store offset=8 (local.get $at) (local.get $n))
  (global.set $lowered (i32.shr_u (i32.sub (global.get $top) (local.get $at)) (i32.const 4)))
  (local.get $at))

;; Writes a text where the host reads a string.
(func $put_text (param $to i32) (param $text i64)
  (i32.store (local.get $to) (call $at (local.get $text)))
  (i32.store offset=4 (local.get $to) (call $length (local.get $text))))

;; Writes nodes (and $lowered) where the host reads a list.
(func $put_nodes (param $to i32) (param $nodes i32)
  (i32.store (local.get $to) (local.get $nodes))
  (i32.store offset=4 (local.get $to) (global.get $lowered)))
