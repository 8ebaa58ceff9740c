;; Lists and maps. Both are values: whoever keeps one that somebody else may hold marks it shared, and
;; whoever changes a shared one copies it first. A copy shares its items with the original.

(func $share (param $v i64) (result i64)
  (if (i64.ge_u (local.get $v) (i64.const 0xFFFA000000000000))
    (then (i32.store8 offset=1 (i32.wrap_i64 (local.get $v)) (i32.const 1))))
  (local.get $v))

(func $list_new (param $capacity i32) (result i64)
  (local $at i32)
  (local.set $at (call $allocate (i32.const 16)))
  (i32.store (local.get $at) (i32.const 3))
  (i32.store offset=4 (local.get $at) (i32.const 0))
  (i32.store offset=8 (local.get $at) (i32.const 0))
  (i32.store offset=12 (local.get $at) (i32.const 0))
  (if (local.get $capacity) (then (i32.store offset=8 (local.get $at) (call $items_new (local.get $capacity)))))
  (i64.or (i64.const 0xFFFA000000000000) (i64.extend_i32_u (local.get $at))))

(func $items_new (param $capacity i32) (result i32)
  (local $at i32)
  (if (i32.gt_u (local.get $capacity) (i32.const 0x2000000)) (then (unreachable)))
  (local.set $at (call $allocate (i32.add (i32.const 8) (i32.shl (local.get $capacity) (i32.const 3)))))
  (i32.store (local.get $at) (i32.const 4))
  (i32.store offset=4 (local.get $at) (local.get $capacity))
  (memory.fill (i32.add (local.get $at) (i32.const 8)) (i32.const 0) (i32.shl (local.get $capacity) (i32.const 3)))
  (local.get $at))

;; Appends in place, to a list that is not shared.
(func $list_push (param $list i64) (param $v i64)
  (local $at i32) (local $n i32) (local $items i32)
  (local.set $at (i32.wrap_i64 (local.get $list)))
  (local.set $n (i32.load offset=4 (local.get $at)))
  (local.set $items (i32.load offset=8 (local.get $at)))
  (if (i32.or (i32.eqz (local.get $items)) (i32.eq (local.get $n) (i32.load offset=4 (local.get $items))))
    (then
      (local.set $items (call $more_items (local.get $items) (local.get $n)))
      (i32.store offset=8 (local.get $at) (local.get $items))))
  (i64.store offset=8 (i32.add (local.get $items) (i32.shl (local.get $n) (i32.const 3))) (local.get $v))
  (i32.store offset=4 (local.get $at) (i32.add (local.get $n) (i32.const 1))))

;; An items object with the `n` items of the full one at `items` (0: none), and room for as many more and four: the same
;; one, grown, if nothing lies behind it.
(func $more_items (param $items i32) (param $n i32) (result i32)
  (local $more i32) (local $room i32)
  (if (i32.and (i32.ne (local.get $items) (i32.const 0))
        (i32.eq (i32.add (local.get $items) (i32.add (i32.const 8) (i32.shl (local.get $n) (i32.const 3)))) (global.get $top)))
    (then
      (local.set $room (i32.add (local.get $n) (i32.const 4)))
      (if (i32.gt_u (local.get $room) (i32.const 0x1000000)) (then (unreachable)))
      (local.set $more (call $allocate (i32.shl (local.get $room) (i32.const 3))))
      (memory.fill (local.get $more) (i32.const 0) (i32.shl (local.get $room) (i32.const 3)))
      ;; What a list grew by is no garbage, and no reason to compact.
      (global.set $compact_at (i32.add (global.get $compact_at) (i32.shl (local.get $room) (i32.const 3))))
      (i32.store offset=4 (local.get $items) (i32.add (local.get $n) (local.get $room)))
      (return (local.get $items))))
  (local.set $more (call $items_new (i32.add (i32.const 4) (i32.shl (local.get $n) (i32.const 1)))))
  (if (local.get $n)
    (then (memory.copy (i32.add (local.get $more) (i32.const 8)) (i32.add (local.get $items) (i32.const 8)) (i32.shl (local.get $n) (i32.const 3)))))
  (local.get $more))

;; The list or map in the slot at `slot`, copied and put back if it is shared.
(func $own (param $slot i32) (result i64)
  (local $v i64) (local $copy i64) (local $i i32) (local $n i32) (local $from i32)
  (local.set $v (i64.load (local.get $slot)))
  (if (i32.eqz (i32.load8_u offset=1 (i32.wrap_i64 (local.get $v)))) (then (return (local.get $v))))
  (local.set $n (call $length (local.get $v)))
  (local.set $from (i32.load offset=8 (i32.wrap_i64 (local.get $v))))
  (if (i32.eq (call $tag (local.get $v)) (i32.const 0xFFFA))
    (then
      (local.set $copy (call $list_new (i32.add (local.get $n) (i32.const 1))))
      (block $done
        (loop $next
          (br_if $done (i32.eq (local.get $i) (local.get $n)))
          (call $list_push (local.get $copy)
            (call $share (i64.load offset=8 (i32.add (local.get $from) (i32.shl (local.get $i) (i32.const 3))))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next))))
    (else
      (local.set $copy (call $map_new (i32.add (local.get $n) (i32.const 1))))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (block $done
        (loop $next
          (br_if $done (i32.eq (local.get $i) (local.get $n)))
          (call $map_append (local.get $copy)
            (i64.or (i64.const 0xFFF9000000000000) (i64.load32_u (local.get $from)))
            (i32.load offset=4 (local.get $from)) (call $share (i64.load offset=8 (local.get $from))))
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next)))))
  (i64.store (local.get $slot) (local.get $copy))
  (local.get $copy))

(func $map_new (param $capacity i32) (result i64)
  (local $at i32)
  (local.set $at (call $allocate (i32.const 16)))
  (i32.store (local.get $at) (i32.const 5))
  (i32.store offset=4 (local.get $at) (i32.const 0))
  (i32.store offset=8 (local.get $at) (i32.const 0))
  (i32.store offset=12 (local.get $at) (i32.const 0))
  (if (local.get $capacity) (then (i32.store offset=8 (local.get $at) (call $entries_new (local.get $capacity)))))
  (i64.or (i64.const 0xFFFB000000000000) (i64.extend_i32_u (local.get $at))))

(func $entries_new (param $capacity i32) (result i32)
  (local $at i32)
  (if (i32.gt_u (local.get $capacity) (i32.const 0x1000000)) (then (unreachable)))
  (local.set $at (call $allocate (i32.add (i32.const 8) (i32.shl (local.get $capacity) (i32.const 4)))))
  (i32.store (local.get $at) (i32.const 6))
  (i32.store offset=4 (local.get $at) (local.get $capacity))
  (memory.fill (i32.add (local.get $at) (i32.const 8)) (i32.const 0) (i32.shl (local.get $capacity) (i32.const 4)))
  (local.get $at))

;; The entry of `key` in the map at `map`; 0 if it has none. Small maps are searched in order.
(func $map_find (param $map i32) (param $key i64) (param $hash i32) (result i32)
  (local $i i32) (local $entry i32) (local $entries i32) (local $index i32) (local $mask i32)
  (local.set $entries (i32.load offset=8 (local.get $map)))
  (local.set $index (i32.load offset=12 (local.get $map)))
  (if (local.get $index)
    (then
      (local.set $mask (i32.sub (i32.load offset=4 (local.get $index)) (i32.const 1)))
      (local.set $i (i32.and (local.get $hash) (local.get $mask)))
      (loop $next
        (local.set $entry (i32.load offset=8 (i32.add (local.get $index) (i32.shl (local.get $i) (i32.const 2)))))
        (if (i32.eqz (local.get $entry)) (then (return (i32.const 0))))
        (local.set $entry (i32.add (local.get $entries) (i32.sub (i32.shl (local.get $entry) (i32.const 4)) (i32.const 8))))
        (if (i32.eq (i32.load offset=4 (local.get $entry)) (local.get $hash))
          (then
            (if (call $entry_is (local.get $entry) (local.get $key)) (then (return (local.get $entry))))))
        (local.set $i (i32.and (i32.add (local.get $i) (i32.const 1)) (local.get $mask)))
        (br $next))))
  (local.set $entry (i32.add (local.get $entries) (i32.const 8)))
  (block $none
    (loop $next
      (br_if $none (i32.eq (local.get $i) (i32.load offset=4 (local.get $map))))
      (if (i32.eq (i32.load offset=4 (local.get $entry)) (local.get $hash))
        (then
          (if (call $entry_is (local.get $entry) (local.get $key)) (then (return (local.get $entry))))))
      (local.set $entry (i32.add (local.get $entry) (i32.const 16)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (i32.const 0))

(func $entry_is (@inline) (param $entry i32) (param $key i64) (result i32)
  (if (result i32) (i32.eq (i32.load (local.get $entry)) (i32.wrap_i64 (local.get $key)))
    (then (i32.const 1))
    (else (call $text_equal (i64.or (i64.const 0xFFF9000000000000) (i64.load32_u (local.get $entry))) (local.get $key)))))

;; The map and the key that were looked up last, how long the key was, and how far behind the map's entries its own was.
;; Who asks whether a key is there, or reads it, often writes it next. An entry keeps its place for as long as its map is
;; the same object, and a text can only have grown; a compaction forgets.
(global $met_map (mut i64) (i64.const 0))
(global $met_key (mut i64) (i64.const 0))
(global $met_length (mut i32) (i32.const 0))
(global $met_at (mut i32) (i32.const 0))

;; The entry of a key of a map, 0 if there is none.
(func $map_entry (@inline) (param $map i64) (param $key i64) (result i32)
  (if (result i32) (i32.and
        (i32.and (i64.eq (local.get $map) (global.get $met_map)) (i64.eq (local.get $key) (global.get $met_key)))
        (i32.eq (call $length (local.get $key)) (global.get $met_length)))
    (then (i32.add (i32.load offset=8 (i32.wrap_i64 (local.get $map))) (global.get $met_at)))
    (else (call $meet (local.get $map) (local.get $key)))))

(func $meet (param $map i64) (param $key i64) (result i32)
  (local $entry i32)
  (local.set $entry (call $map_find (i32.wrap_i64 (local.get $map)) (local.get $key)
    (if (result i32) (i32.load offset=12 (i32.wrap_i64 (local.get $key)))
      (then (i32.load offset=12 (i32.wrap_i64 (local.get $key))))
      (else (call $hash (local.get $key))))))
  (if (local.get $entry)
    (then
      (global.set $met_map (local.get $map))
      (global.set $met_key (local.get $key))
      (global.set $met_length (call $length (local.get $key)))
      (global.set $met_at (i32.sub (local.get $entry) (i32.load offset=8 (i32.wrap_i64 (local.get $map)))))))
  (local.get $entry))

;; A key as text.
(func $key (@inline) (param $key i64) (result i64)
  (if (result i64) (i32.eq (call $tag (local.get $key)) (i32.const 0xFFF9))
    (then (local.get $key))
    (else (call $to_text (local.get $key)))))

;; Appends an entry with a key that the map, which is not shared, does not have.
(func $map_append (param $map i64) (param $key i64) (param $hash i32) (param $v i64)
  (local $at i32) (local $n i32) (local $entries i32) (local $more i32) (local $entry i32)
  (local.set $at (i32.wrap_i64 (local.get $map)))
  (local.set $n (i32.load offset=4 (local.get $at)))
  (local.set $entries (i32.load offset=8 (local.get $at)))
  (if (i32.or (i32.eqz (local.get $entries)) (i32.eq (local.get $n) (i32.load offset=4 (local.get $entries))))
    (then
      (local.set $more (call $entries_new (i32.add (i32.const 4) (i32.shl (local.get $n) (i32.const 1)))))
      (if (local.get $n)
        (then (memory.copy (i32.add (local.get $more) (i32.const 8)) (i32.add (local.get $entries) (i32.const 8)) (i32.shl (local.get $n) (i32.const 4)))))
      (local.set $entries (local.get $more))
      (i32.store offset=8 (local.get $at) (local.get $entries))))
  (local.set $entry (i32.add (i32.add (local.get $entries) (i32.const 8)) (i32.shl (local.get $n) (i32.const 4))))
  (i64.store32 (local.get $entry) (local.get $key))
  (i32.store offset=4 (local.get $entry) (local.get $hash))
  (i64.store offset=8 (local.get $entry) (local.get $v))
  (local.set $n (i32.add (local.get $n) (i32.const 1)))
  (i32.store offset=4 (local.get $at) (local.get $n))
  (call $index_append (local.get $at) (local.get $n) (local.get $hash)))

;; Keeps the index up to entry `n`, the last: none up to eight entries, then at most half full.
(func $index_append (param $map i32) (param $n i32) (param $hash i32)
  (local $index i32) (local $slots i32) (local $i i32) (local $entries i32)
  (if (i32.le_u (local.get $n) (i32.const 8)) (then (return)))
  (local.set $index (i32.load offset=12 (local.get $map)))
  (if (local.get $index) (then (local.set $slots (i32.load offset=4 (local.get $index)))))
  (if (i32.le_u (i32.shl (local.get $n) (i32.const 1)) (local.get $slots))
    (then (call $index_put (local.get $index) (local.get $n) (local.get $hash)) (return)))
  (local.set $slots (select (i32.shl (local.get $slots) (i32.const 1)) (i32.const 32) (local.get $slots)))
  (local.set $index (call $allocate (i32.add (i32.const 8) (i32.shl (local.get $slots) (i32.const 2)))))
  (i32.store (local.get $index) (i32.const 7))
  (i32.store offset=4 (local.get $index) (local.get $slots))
  (memory.fill (i32.add (local.get $index) (i32.const 8)) (i32.const 0) (i32.shl (local.get $slots) (i32.const 2)))
  (i32.store offset=12 (local.get $map) (local.get $index))
  (local.set $entries (i32.load offset=8 (local.get $map)))
  (loop $next
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (call $index_put (local.get $index) (local.get $i)
      (i32.load (i32.add (i32.sub (local.get $entries) (i32.const 4)) (i32.shl (local.get $i) (i32.const 4)))))
    (br_if $next (i32.lt_u (local.get $i) (local.get $n)))))

(func $index_put (param $index i32) (param $n i32) (param $hash i32)
  (local $mask i32) (local $at i32)
  (local.set $mask (i32.sub (i32.load offset=4 (local.get $index)) (i32.const 1)))
  (loop $next
    (local.set $hash (i32.and (local.get $hash) (local.get $mask)))
    (local.set $at (i32.add (i32.add (local.get $index) (i32.const 8)) (i32.shl (local.get $hash) (i32.const 2))))
    (if (i32.load (local.get $at))
      (then
        (local.set $hash (i32.add (local.get $hash) (i32.const 1)))
        (br $next))))
  (i32.store (local.get $at) (local.get $n)))

;; Sets an entry of a map that is not shared.
(func $map_set (param $map i64) (param $key i64) (param $v i64)
  (local $hash i32) (local $entry i32)
  (local.set $hash (call $hash (local.get $key)))
  (local.set $entry (call $map_find (i32.wrap_i64 (local.get $map)) (local.get $key) (local.get $hash)))
  (if (local.get $entry)
    (then (i64.store offset=8 (local.get $entry) (local.get $v)))
    (else (call $map_append (local.get $map) (local.get $key) (local.get $hash) (local.get $v)))))

;; `v[key]`: an item of a list, the value of a map's key (NULL if it has none), a character of a text.
(func $index (param $v i64) (param $key i64) (result i64)
  (local $tag i32) (local $entry i32)
  (local.set $tag (call $tag (local.get $v)))
  (if (i32.eq (local.get $tag) (i32.const 0xFFFA))
    (then
      (local.set $entry (call $item_at (local.get $v) (local.get $key) (i32.const 0)))
      (if (global.get $failed) (then (return (i64.const 0xFFF8000000000000))))
      (return (i64.load (local.get $entry)))))
  (if (i32.eq (local.get $tag) (i32.const 0xFFFB))
    (then
      (local.set $key (call $key (local.get $key)))
      (local.set $entry (call $map_entry (local.get $v) (local.get $key)))
      (if (i32.eqz (local.get $entry)) (then (return (i64.const 0xFFF8000000000000))))
      (return (i64.load offset=8 (local.get $entry)))))
  (call $fail (i32.const 7) (local.get $v))
  (i64.const 0xFFF8000000000000))

;; `v.name`: a map's value.
(func $member (param $v i64) (param $name i64) (result i64)
  (local $entry i32) (local $end i32) (local $n i32)
  (if (i64.ne (i64.shr_u (local.get $v) (i64.const 48)) (i64.const 0xFFFB))
    (then (call $fail (i32.const 8) (local.get $v)) (return (i64.const 0xFFF8000000000000))))
  ;; The same name in two places of a package is one text, so the key of a small map is found without its hash.
  (local.set $n (i32.load offset=4 (i32.wrap_i64 (local.get $v))))
  (local.set $entry (i32.load offset=8 (i32.wrap_i64 (local.get $v))))
  (local.set $end (i32.add (local.get $entry)
    (i32.shl (select (local.get $n) (i32.const 8) (i32.lt_u (local.get $n) (i32.const 8))) (i32.const 4))))
  (block $other
    (loop $next
      (br_if $other (i32.eq (local.get $entry) (local.get $end)))
      (if (i32.eq (i32.load offset=8 (local.get $entry)) (i32.wrap_i64 (local.get $name)))
        (then (return (i64.load offset=16 (local.get $entry)))))
      (local.set $entry (i32.add (local.get $entry) (i32.const 16)))
      (br $next)))
  (local.set $entry (call $map_entry (local.get $v) (local.get $name)))
  (if (i32.eqz (local.get $entry)) (then (return (i64.const 0xFFF8000000000000))))
  (i64.load offset=8 (local.get $entry)))

;; The same for code that runs often: it keeps at `place` how far behind the first entry this one was, and looks there
;; first, for a key that is the very text `name`; so the entry's key becomes that.
(func $member_at (param $v i64) (param $name i64) (param $place i32) (result i64)
  (local $entry i32)
  (if (i32.ne (call $tag (local.get $v)) (i32.const 0xFFFB))
    (then (call $fail (i32.const 8) (local.get $v)) (return (i64.const 0xFFF8000000000000))))
  (local.set $entry (call $map_entry (local.get $v) (local.get $name)))
  (if (i32.eqz (local.get $entry)) (then (return (i64.const 0xFFF8000000000000))))
  (i32.store (local.get $entry) (i32.wrap_i64 (local.get $name)))
  (i32.store (local.get $place)
    (i32.sub (local.get $entry) (i32.add (i32.load offset=8 (i32.wrap_i64 (local.get $v))) (i32.const 8))))
  (i64.load offset=8 (local.get $entry)))

;; The address of the item of `list` that `key` names; `room` is 1 where the place behind the last one will do.
(func $item_at (param $list i64) (param $key i64) (param $room i32) (result i32)
  (local $n f64)
  (local.set $n (call $to_number (local.get $key)))
  (if (global.get $failed) (then (return (i32.const 0))))
  (if (i32.or (f64.ne (local.get $n) (f64.trunc (local.get $n)))
        (i32.or (f64.lt (local.get $n) (f64.const 0))
          (f64.ge (local.get $n) (f64.convert_i32_u (i32.add (call $length (local.get $list)) (local.get $room))))))
    (then (call $fail (i32.const 10) (local.get $key)) (return (i32.const 0))))
  (i32.add (i32.add (i32.load offset=8 (i32.wrap_i64 (local.get $list))) (i32.const 8))
    (i32.shl (i32.trunc_f64_u (local.get $n)) (i32.const 3))))

;; One step into a place: owns what is in `slot` and gives the slot of its item or entry, made if a map lacks it.
;; Where there is NULL a map is made; for the key 0, with which a list begins, a list.
(func $step (param $slot i32) (param $key i64) (result i32)
  (local $v i64) (local $tag i32) (local $entry i32)
  (if (i64.eq (i64.load (local.get $slot)) (i64.const 0xFFF8000000000000))
    (then
      (i64.store (local.get $slot)
        (if (result i64) (i64.eqz (local.get $key))
          (then (call $list_new (i32.const 4)))
          (else (call $map_new (i32.const 4)))))))
  (local.set $tag (call $tag (i64.load (local.get $slot))))
  (if (i32.and (i32.ne (local.get $tag) (i32.const 0xFFFA)) (i32.ne (local.get $tag) (i32.const 0xFFFB)))
    (then (call $fail (i32.const 7) (i64.load (local.get $slot))) (return (i32.const 0))))
  (local.set $v (i64.load (local.get $slot)))
  (if (i32.load8_u offset=1 (i32.wrap_i64 (local.get $v))) (then (local.set $v (call $own (local.get $slot)))))
  (if (i32.eq (local.get $tag) (i32.const 0xFFFA))
    (then
      (if (call $equal (local.get $key) (i64.reinterpret_f64 (f64.convert_i32_u (call $length (local.get $v)))))
        (then (call $list_push (local.get $v) (i64.const 0xFFF8000000000000))))
      (return (call $item_at (local.get $v) (local.get $key) (i32.const 0)))))
  (local.set $key (call $key (local.get $key)))
  (local.set $entry (call $map_entry (local.get $v) (local.get $key)))
  (if (i32.eqz (local.get $entry))
    (then
      (call $map_append (local.get $v) (local.get $key) (call $hash (local.get $key)) (i64.const 0xFFF8000000000000))
      (local.set $entry (i32.add (i32.sub (i32.load offset=8 (i32.wrap_i64 (local.get $v))) (i32.const 8))
        (i32.shl (call $length (local.get $v)) (i32.const 4))))))
  (i32.add (local.get $entry) (i32.const 8)))

;; Appends to the list in `slot`, which is made if there is NULL.
(func $push (param $slot i32) (param $v i64)
  (if (i64.eq (i64.load (local.get $slot)) (i64.const 0xFFF8000000000000))
    (then (i64.store (local.get $slot) (call $list_new (i32.const 0)))))
  (if (i32.ne (call $tag (i64.load (local.get $slot))) (i32.const 0xFFFA))
    (then (call $fail (i32.const 11) (i64.load (local.get $slot))) (return)))
  (call $list_push (call $own (local.get $slot)) (local.get $v)))

;; Appends all items of the list `items`.
(func $push_all (param $slot i32) (param $items i64)
  (local $i i32)
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $i) (call $length (local.get $items))))
      (call $push (local.get $slot) (call $share (call $item (local.get $items) (local.get $i))))
      (br_if $done (global.get $failed))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next))))

;; Item `i` of a list that has it.
(func $item (param $list i64) (param $i i32) (result i64)
  (i64.load offset=8 (i32.add (i32.load offset=8 (i32.wrap_i64 (local.get $list))) (i32.shl (local.get $i) (i32.const 3)))))

;; What FOR EACH goes over: a list itself, a map's keys, nothing for NULL.
(func $each (param $v i64) (result i64)
  (local $list i64) (local $i i32)
  (if (i32.eq (call $tag (local.get $v)) (i32.const 0xFFFA)) (then (return (call $share (local.get $v)))))
  (local.set $list (call $list_new (i32.const 0)))
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000000)) (then (return (local.get $list))))
  (if (i32.ne (call $tag (local.get $v)) (i32.const 0xFFFB))
    (then (call $fail (i32.const 7) (local.get $v)) (return (local.get $list))))
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $i) (call $length (local.get $v))))
      (call $list_push (local.get $list)
        (i64.or (i64.const 0xFFF9000000000000)
          (i64.load32_u offset=8 (i32.add (i32.load offset=8 (i32.wrap_i64 (local.get $v))) (i32.shl (local.get $i) (i32.const 4))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (local.get $list))

;; `v.length`, `v.count`, `v.size`: a map's own key goes first.
(func $size (param $v i64) (param $name i64) (result i64)
  (if (i32.eq (call $tag (local.get $v)) (i32.const 0xFFFB))
    (then
      (if (call $map_entry (local.get $v) (local.get $name)) (then (return (call $index (local.get $v) (local.get $name)))))))
  (if (i64.lt_u (local.get $v) (i64.const 0xFFF9000000000000))
    (then (call $fail (i32.const 8) (local.get $v)) (return (i64.const 0))))
  (i64.reinterpret_f64 (call $keyword.len (local.get $v))))

;; WITH: a map where there is NULL.
(func $make_map (param $slot i32)
  (if (i64.eq (i64.load (local.get $slot)) (i64.const 0xFFF8000000000000))
    (then (i64.store (local.get $slot) (call $map_new (i32.const 4))) (return)))
  (if (i32.ne (call $tag (i64.load (local.get $slot))) (i32.const 0xFFFB))
    (then (call $fail (i32.const 8) (i64.load (local.get $slot))))))
