;; Values of every kind: failures, conditions, comparing, adding.

(global $failed (mut i32) (i32.const 0))
(global $failed_detail (mut i64) (i64.const 0xFFF8000000000000))
(global $failed_in (mut i64) (i64.const 0xFFF8000000000000))
(global $fault_code (mut i64) (i64.const 0xFFF8000000000000))
(global $trace_end (mut i32) (i32.const 128))

;; Notes a failure; the compiled code looks at $failed behind every call that can set it. The first one stands.
(func $fail (param $code i32) (param $detail i64)
  (if (global.get $failed) (then (return)))
  (global.set $failed (local.get $code))
  (global.set $failed_in (i64.const 0xFFF8000000000000))
  (global.set $failed_detail (local.get $detail)))

;; The failure came out of a keyword's function, whose usage line this is.
(func $blame (param $usage i64)
  (global.set $failed_in (local.get $usage)))

;; A procedure (its record) that a failure leaves, at its line. Only the innermost ones are kept.
(func $trace (param $procedure i32) (param $line i32)
  (if (i32.ge_u (global.get $trace_end) (i32.const 384)) (then (return)))
  (i32.store (global.get $trace_end) (local.get $procedure))
  (i32.store offset=4 (global.get $trace_end) (local.get $line))
  (global.set $trace_end (i32.add (global.get $trace_end) (i32.const 8))))

(func $tag (@inline) (param $v i64) (result i32)
  (i32.wrap_i64 (i64.shr_u (local.get $v) (i64.const 48))))

(func $is_number (@inline) (param $v i64) (result i32)
  (i64.lt_u (local.get $v) (i64.const 0xFFF8000000000000)))

;; A number as a value; -0 becomes 0, and what is not finite a failure.
(func $number (param $n f64) (result i64)
  (if (i32.eqz (f64.lt (f64.abs (local.get $n)) (f64.const inf)))
    (then
      (call $fail (i32.const 4) (i64.const 0xFFF8000000000000))
      (return (i64.const 0))))
  (i64.reinterpret_f64 (f64.add (local.get $n) (f64.const 0))))

;; The number that `v` is, else the failure "not-a-number".
(func $to_number (param $v i64) (result f64)
  (if (i64.ge_u (local.get $v) (i64.const 0xFFF8000000000000))
    (then
      (call $fail (i32.const 3) (local.get $v))
      (return (f64.const 0))))
  (f64.reinterpret_i64 (local.get $v)))

(func $boolean (@inline) (param $b i32) (result i64)
  (i64.or (i64.const 0xFFF8000000000002) (i64.extend_i32_u (i32.ne (local.get $b) (i32.const 0)))))

;; NULL, FALSE, 0, "" and empty lists and maps are false.
(func $truthy (param $v i64) (result i32)
  (if (call $is_number (local.get $v)) (then (return (i64.ne (local.get $v) (i64.const 0)))))
  (if (i64.lt_u (local.get $v) (i64.const 0xFFF9000000000000))
    (then (return (i64.eq (local.get $v) (i64.const 0xFFF8000000000003)))))
  (i32.ne (i32.load offset=4 (i32.wrap_i64 (local.get $v))) (i32.const 0)))

;; `+` of values that are not both numbers.
(func $add (param $a i64) (param $b i64) (result i64)
  (local $shifted i64)
  (if (i32.and (call $is_number (local.get $a)) (call $is_number (local.get $b)))
    (then (return (call $number (f64.add (f64.reinterpret_i64 (local.get $a)) (f64.reinterpret_i64 (local.get $b)))))))
  (local.set $shifted (call $shift (local.get $a) (local.get $b) (i32.const 0)))
  (if (global.get $failed) (then (return (global.get $empty))))
  (if (i64.ne (local.get $shifted) (i64.const 0xFFF8000000000000)) (then (return (local.get $shifted))))
  (if (i32.or (i32.eq (call $tag (local.get $a)) (i32.const 0xFFF9)) (i32.eq (call $tag (local.get $b)) (i32.const 0xFFF9)))
    (then (return (call $join (local.get $a) (local.get $b)))))
  (call $fail (i32.const 3) (select (local.get $b) (local.get $a) (call $is_number (local.get $a))))
  (global.get $empty))

;; `-` of values that are not both numbers.
(func $subtract (param $a i64) (param $b i64) (result i64)
  (local $shifted i64)
  (local.set $shifted (call $shift (local.get $a) (local.get $b) (i32.const 1)))
  (if (i64.eq (local.get $shifted) (i64.const 0xFFF8000000000000))
    (then (call $fail (i32.const 3) (select (local.get $b) (local.get $a) (call $is_number (local.get $a))))))
  (local.get $shifted))

;; `a + b`, or `a - b` if `minus`, where one of them is a time span, which is a map of three entries; NULL if none is.
(func $shift (param $a i64) (param $b i64) (param $minus i32) (result i64)
  (local $left i32) (local $left_count i32) (local $right i32)
  (if (i32.eqz (i32.or (call $may_be_span (local.get $a)) (call $may_be_span (local.get $b))))
    (then (return (i64.const 0xFFF8000000000000))))
  (local.set $left (call $lower (local.get $a)))
  (local.set $left_count (global.get $lowered))
  (local.set $right (call $lower (local.get $b)))
  (if (global.get $failed) (then (return (i64.const 0xFFF8000000000000))))
  (call $host.time.shift (local.get $left) (local.get $left_count) (local.get $right) (global.get $lowered)
    (local.get $minus) (i32.const 64))
  (if (i32.load8_u (i32.const 64))
    (then (call $host_fault (i32.const 68)) (return (i64.const 0xFFF8000000000000))))
  (call $lift (i32.load (i32.const 68))))

(func $may_be_span (param $v i64) (result i32)
  (if (i32.ne (call $tag (local.get $v)) (i32.const 0xFFFB)) (then (return (i32.const 0))))
  (i32.eq (call $length (local.get $v)) (i32.const 3)))

;; `&`: both as text.
(func $join (param $a i64) (param $b i64) (result i64)
  (call $concat (call $to_text (local.get $a)) (call $to_text (local.get $b))))

;; What is left of `a` when `b` is taken from it as often as it goes in, with the sign of `a`; exact, like C's fmod.
(func $modulo (param $a f64) (param $b f64) (result f64)
  (local $rest f64) (local $part f64)
  (if (f64.eq (local.get $b) (f64.const 0))
    (then (call $fail (i32.const 5) (i64.const 0xFFF8000000000000)) (return (f64.const 0))))
  (local.set $b (f64.abs (local.get $b)))
  (local.set $rest (f64.abs (local.get $a)))
  ;; Whole numbers up to 2^53 are exact as such.
  (if (i32.and
        (i32.and (f64.lt (local.get $rest) (f64.const 0x1p53)) (f64.lt (local.get $b) (f64.const 0x1p53)))
        (i32.and (f64.eq (local.get $rest) (f64.trunc (local.get $rest))) (f64.eq (local.get $b) (f64.trunc (local.get $b)))))
    (then
      (return (f64.copysign
        (f64.convert_i64_u (i64.rem_u (i64.trunc_f64_u (local.get $rest)) (i64.trunc_f64_u (local.get $b))))
        (local.get $a)))))
  ;; Subtracts b times a power of two, from the largest that fits down to b itself: no step rounds.
  (local.set $part (local.get $b))
  (block $found
    (loop $double
      (br_if $found (f64.gt (local.get $part) (f64.mul (local.get $rest) (f64.const 0.5))))
      (local.set $part (f64.add (local.get $part) (local.get $part)))
      (br $double)))
  (loop $halve
    (if (f64.ge (local.get $rest) (local.get $part))
      (then (local.set $rest (f64.sub (local.get $rest) (local.get $part)))))
    (if (f64.gt (local.get $part) (local.get $b))
      (then
        (local.set $part (f64.mul (local.get $part) (f64.const 0.5)))
        (br $halve))))
  (f64.copysign (local.get $rest) (local.get $a)))

(func $divide (param $a f64) (param $b f64) (result f64)
  (if (f64.eq (local.get $b) (f64.const 0))
    (then (call $fail (i32.const 5) (i64.const 0xFFF8000000000000)) (return (f64.const 0))))
  (f64.div (local.get $a) (local.get $b)))

(func $equal (param $a i64) (param $b i64) (result i32)
  (call $equal_within (local.get $a) (local.get $b) (i32.const 200)))

;; Values of different kinds are unequal. Lists and maps are equal item by item; a map's order does not count.
(func $equal_within (param $a i64) (param $b i64) (param $levels i32) (result i32)
  (local $i i32) (local $n i32) (local $x i32) (local $y i32)
  (if (i64.eq (local.get $a) (local.get $b)) (then (return (i32.const 1))))
  (if (i64.lt_u (local.get $a) (i64.const 0xFFF9000000000000)) (then (return (i32.const 0))))
  (if (i32.ne (call $tag (local.get $a)) (call $tag (local.get $b))) (then (return (i32.const 0))))
  (if (i32.eq (call $tag (local.get $a)) (i32.const 0xFFF9)) (then (return (call $text_equal (local.get $a) (local.get $b)))))
  (if (i32.eqz (local.get $levels)) (then (call $fail (i32.const 9) (i64.const 0xFFF8000000000000)) (return (i32.const 0))))
  (local.set $n (call $length (local.get $a)))
  (if (i32.ne (local.get $n) (call $length (local.get $b))) (then (return (i32.const 0))))
  (local.set $x (i32.load offset=8 (i32.wrap_i64 (local.get $a))))
  (local.set $y (i32.load offset=8 (i32.wrap_i64 (local.get $b))))
  (block $same
    (loop $next
      (br_if $same (i32.eq (local.get $i) (local.get $n)))
      (if (i32.eq (call $tag (local.get $a)) (i32.const 0xFFFA))
        (then
          (if (i32.eqz (call $equal_within
                (i64.load offset=8 (i32.add (local.get $x) (i32.shl (local.get $i) (i32.const 3))))
                (i64.load offset=8 (i32.add (local.get $y) (i32.shl (local.get $i) (i32.const 3))))
                (i32.sub (local.get $levels) (i32.const 1))))
            (then (return (i32.const 0)))))
        (else
          (if (i32.eqz (call $equal_entry
                (i32.add (local.get $x) (i32.add (i32.const 8) (i32.shl (local.get $i) (i32.const 4))))
                (local.get $b) (i32.sub (local.get $levels) (i32.const 1))))
            (then (return (i32.const 0))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (i32.const 1))

;; Whether map `b` has an entry equal to the one at `entry`.
(func $equal_entry (param $entry i32) (param $b i64) (param $levels i32) (result i32)
  (local $found i32)
  (local.set $found (call $map_find (i32.wrap_i64 (local.get $b))
    (i64.or (i64.const 0xFFF9000000000000) (i64.load32_u (local.get $entry))) (i32.load offset=4 (local.get $entry))))
  (if (i32.eqz (local.get $found)) (then (return (i32.const 0))))
  (call $equal_within (i64.load offset=8 (local.get $entry)) (i64.load offset=8 (local.get $found)) (local.get $levels)))

;; -1, 0 or 1; 2 if the two cannot be compared. A number and a numeric text compare as numbers.
(func $order_or_none (param $a i64) (param $b i64) (result i32)
  (local $x f64) (local $y f64)
  (if (i32.and (i32.eq (call $tag (local.get $a)) (i32.const 0xFFF9)) (i32.eq (call $tag (local.get $b)) (i32.const 0xFFF9)))
    (then (return (call $text_order (local.get $a) (local.get $b)))))
  (local.set $x (call $numeric (local.get $a)))
  (local.set $y (call $numeric (local.get $b)))
  (if (i32.or (f64.ne (local.get $x) (local.get $x)) (f64.ne (local.get $y) (local.get $y))) (then (return (i32.const 2))))
  (i32.sub (f64.gt (local.get $x) (local.get $y)) (f64.lt (local.get $x) (local.get $y))))

(func $order (param $a i64) (param $b i64) (result i32)
  (local $order i32)
  (local.set $order (call $order_or_none (local.get $a) (local.get $b)))
  (if (i32.eq (local.get $order) (i32.const 2))
    (then
      (call $fail (i32.const 6) (select (local.get $b) (local.get $a) (call $is_number (local.get $a))))
      (return (i32.const 0))))
  (local.get $order))

;; A number, or the number a text is; NaN for anything else.
(func $numeric (param $v i64) (result f64)
  (if (call $is_number (local.get $v)) (then (return (f64.reinterpret_i64 (local.get $v)))))
  (if (i32.ne (call $tag (local.get $v)) (i32.const 0xFFF9)) (then (return (f64.const nan))))
  (call $host.number.parse (call $at (local.get $v)) (call $length (local.get $v)) (i32.const 64))
  (select (f64.load (i32.const 72)) (f64.const nan) (i32.load8_u (i32.const 64))))

(func $is_empty (param $v i64) (result i32)
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000000)) (then (return (i32.const 1))))
  (if (i64.lt_u (local.get $v) (i64.const 0xFFF9000000000000)) (then (return (i32.const 0))))
  (i32.eqz (call $length (local.get $v))))

(func $is_numeric (param $v i64) (result i32)
  (local $n f64)
  (local.set $n (call $numeric (local.get $v)))
  (f64.eq (local.get $n) (local.get $n)))

;; `x IN list`, of a map: a key of it; of a text: a part of it.
(func $in (param $x i64) (param $set i64) (result i32)
  (local $i i32) (local $items i32)
  (if (i32.eq (call $tag (local.get $set)) (i32.const 0xFFF9))
    (then (return (i32.ge_s (call $find (local.get $set) (call $to_text (local.get $x))) (i32.const 0)))))
  (if (i32.eq (call $tag (local.get $set)) (i32.const 0xFFFB))
    (then
      (local.set $x (call $key (local.get $x)))
      (return (i32.ne (call $map_entry (local.get $set) (local.get $x)) (i32.const 0)))))
  (if (i64.eq (local.get $set) (i64.const 0xFFF8000000000000)) (then (return (i32.const 0))))
  (if (i32.ne (call $tag (local.get $set)) (i32.const 0xFFFA))
    (then (call $fail (i32.const 7) (local.get $set)) (return (i32.const 0))))
  (local.set $items (i32.load offset=8 (i32.wrap_i64 (local.get $set))))
  (block $none
    (loop $next
      (br_if $none (i32.eq (local.get $i) (call $length (local.get $set))))
      (if (call $equal (local.get $x) (i64.load offset=8 (i32.add (local.get $items) (i32.shl (local.get $i) (i32.const 3)))))
        (then (return (i32.const 1))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (i32.const 0))
