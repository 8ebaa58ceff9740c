;; Functions of lists and maps that only move values around. A result shares the items that it has in common with an
;; argument; those that keep an argument are called with values that are marked as shared already.

;;; list

;; The number of items of a list, 0 of NULL; anything else is the failure "not-a-list".
(func $count_items (param $list i64) (result i32)
  (if (i64.eq (local.get $list) (i64.const 0xFFF8000000000000)) (then (return (i32.const 0))))
  (if (i32.ne (call $tag (local.get $list)) (i32.const 0xFFFA))
    (then (call $fail (i32.const 11) (local.get $list)) (return (i32.const 0))))
  (call $length (local.get $list)))

;; Appends the items `from` up to `to` of a list to a list that is not shared.
(func $append_items (param $list i64) (param $items i64) (param $from i32) (param $to i32)
  (block $done
    (loop $next
      (br_if $done (i32.ge_s (local.get $from) (local.get $to)))
      (call $list_push (local.get $list) (call $share (call $item (local.get $items) (local.get $from))))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br $next))))

;; The items of both lists, one behind the other.
(func $joined_lists (param $a i64) (param $b i64) (result i64)
  (local $list i64) (local $na i32) (local $nb i32)
  (local.set $na (call $count_items (local.get $a)))
  (local.set $nb (call $count_items (local.get $b)))
  (local.set $list (call $list_new (i32.add (local.get $na) (local.get $nb))))
  (call $append_items (local.get $list) (local.get $a) (i32.const 0) (local.get $na))
  (call $append_items (local.get $list) (local.get $b) (i32.const 0) (local.get $nb))
  (local.get $list))

;; `PUSH(place, item, ...)`
;; `APPEND(place, item, ...)`
;;
;; The list at `place` with the items behind its last one. On a line of its own (`PUSH list, item`, `list.push(item)`) the
;; place itself is changed, and made a list if it is NULL; as a function it yields a new list.
;;
;; Example: `PUSH cart, "tea" : cart.push("cake") : TALK cart` → `["tea","cake"]`
;; Example: `a = [1] : b = PUSH(a, 2, 3) : TALK a : TALK b` → `[1]`, `[1,2,3]`
(func $keyword.push (param $place i64) (param $item i64) (result i64)
  (call $joined_lists (local.get $place) (local.get $item)))

;; `UNSHIFT(place, item, ...)`
;;
;; The list at `place` with the items before its first one. On a line of its own the place itself is changed, and made a
;; list if it is NULL; as a function it yields a new list.
;;
;; Example: `queue = ["b"] : UNSHIFT queue, "a" : TALK queue` → `["a","b"]`
(func $keyword.unshift (param $place i64) (param $item i64) (result i64)
  (call $joined_lists (local.get $item) (local.get $place)))

;; `POP(place)`
;;
;; Takes the last item out of the list at `place`, and yields it; NULL if there is none. Also `place.pop()`.
;;
;; Example: `stack = [1, 2, 3] : TALK POP(stack) : TALK stack` → `3`, `[1,2]`
(func $keyword.pop (param $place i32) (result i64)
  (local $at i32) (local $last i32) (local $v i64)
  (if (i32.eqz (call $count_items (i64.load (local.get $place)))) (then (return (i64.const 0xFFF8000000000000))))
  (local.set $at (i32.wrap_i64 (call $own (local.get $place))))
  (i32.store offset=4 (local.get $at) (i32.sub (i32.load offset=4 (local.get $at)) (i32.const 1)))
  (local.set $last (i32.add (i32.load offset=8 (local.get $at)) (i32.shl (i32.load offset=4 (local.get $at)) (i32.const 3))))
  (local.set $v (i64.load offset=8 (local.get $last)))
  (i64.store offset=8 (local.get $last) (i64.const 0))
  (local.get $v))

;; `SHIFT(place)`
;;
;; Takes the first item out of the list at `place`, and yields it; NULL if there is none. Also `place.shift()`.
;;
;; Example: `queue = ["Ann", "Bob"] : TALK SHIFT(queue) : TALK queue` → `Ann`, `["Bob"]`
(func $keyword.shift (param $place i32) (result i64)
  (local $at i32) (local $items i32) (local $n i32) (local $v i64)
  (if (i32.eqz (call $count_items (i64.load (local.get $place)))) (then (return (i64.const 0xFFF8000000000000))))
  (local.set $at (i32.wrap_i64 (call $own (local.get $place))))
  (local.set $n (i32.sub (i32.load offset=4 (local.get $at)) (i32.const 1)))
  (local.set $items (i32.add (i32.load offset=8 (local.get $at)) (i32.const 8)))
  (local.set $v (i64.load (local.get $items)))
  (memory.copy (local.get $items) (i32.add (local.get $items) (i32.const 8)) (i32.shl (local.get $n) (i32.const 3)))
  (i64.store (i32.add (local.get $items) (i32.shl (local.get $n) (i32.const 3))) (i64.const 0))
  (i32.store offset=4 (local.get $at) (local.get $n))
  (local.get $v))

;; `REMOVE(place, key)`
;;
;; The map at `place` without `key`, or the list at `place` without the item at index `key` (from 0; an error if there is
;; none). On a line of its own the place itself is changed; as a function it yields a new value.
;;
;; Example: `order = #{ tea: 1, cake: 2 } : REMOVE order, "tea" : TALK order` → `{"cake":2}`
;; Example: `TALK REMOVE(["a", "b", "c"], 1)` → `["a","c"]`
(func $keyword.remove (param $place i64) (param $key i64) (result i64)
  (local $i i32) (local $list i64)
  (if (i32.eq (call $tag (local.get $place)) (i32.const 0xFFFB))
    (then (return (call $map_without (local.get $place) (call $to_text (local.get $key))))))
  (if (i64.eq (local.get $place) (i64.const 0xFFF8000000000000)) (then (return (local.get $place))))
  (if (i32.ne (call $tag (local.get $place)) (i32.const 0xFFFA))
    (then (call $fail (i32.const 7) (local.get $place)) (return (local.get $place))))
  (drop (call $item_at (local.get $place) (local.get $key) (i32.const 0)))
  (if (global.get $failed) (then (return (local.get $place))))
  (local.set $i (i32.trunc_f64_u (f64.reinterpret_i64 (local.get $key))))
  (local.set $list (call $list_new (call $length (local.get $place))))
  (call $append_items (local.get $list) (local.get $place) (i32.const 0) (local.get $i))
  (call $append_items (local.get $list) (local.get $place) (i32.add (local.get $i) (i32.const 1)) (call $length (local.get $place)))
  (local.get $list))

(func $map_without (param $map i64) (param $key i64) (result i64)
  (local $entry i32) (local $i i32) (local $skipped i32) (local $without i64)
  (local.set $skipped (call $map_entry (local.get $map) (local.get $key)))
  (local.set $without (call $map_new (call $length (local.get $map))))
  (local.set $entry (i32.add (i32.load offset=8 (i32.wrap_i64 (local.get $map))) (i32.const 8)))
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $i) (call $length (local.get $map))))
      (if (i32.ne (local.get $entry) (local.get $skipped))
        (then
          (call $map_append (local.get $without)
            (i64.or (i64.const 0xFFF9000000000000) (i64.load32_u (local.get $entry)))
            (i32.load offset=4 (local.get $entry)) (call $share (i64.load offset=8 (local.get $entry))))))
      (local.set $entry (i32.add (local.get $entry) (i32.const 16)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (local.get $without))

;; `REVERSE(place)`
;;
;; The list, or the text, at `place` from its end to its start; NULL of NULL. On a line of its own the place itself is
;; changed; as a function it yields a new value.
;;
;; Example: `TALK REVERSE([1, 2, 3])` → `[3,2,1]`
;; Example: `TALK REVERSE("añb")` → `bña`
(func $keyword.reverse (param $place i64) (result i64)
  (local $i i32) (local $list i64)
  (if (i64.eq (local.get $place) (i64.const 0xFFF8000000000000)) (then (return (local.get $place))))
  (if (i32.ne (call $tag (local.get $place)) (i32.const 0xFFFA))
    (then
      (if (i32.eq (call $tag (local.get $place)) (i32.const 0xFFFB))
        (then (call $fail (i32.const 11) (local.get $place)) (return (local.get $place))))
      (return (call $text_reversed (call $to_text (local.get $place))))))
  (local.set $i (call $length (local.get $place)))
  (local.set $list (call $list_new (local.get $i)))
  (loop $next
    (if (local.get $i)
      (then
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (call $list_push (local.get $list) (call $share (call $item (local.get $place) (local.get $i))))
        (br $next))))
  (local.get $list))

(func $text_reversed (param $text i64) (result i64)
  (local $from i32) (local $end i32) (local $to i32) (local $n i32) (local $bytes i32)
  (local.set $n (call $length (local.get $text)))
  (if (i32.eqz (local.get $n)) (then (return (local.get $text))))
  (local.set $bytes (call $bytes_new (local.get $n)))
  (local.set $from (call $at (local.get $text)))
  (local.set $end (i32.add (local.get $from) (local.get $n)))
  (local.set $to (i32.add (i32.add (local.get $bytes) (i32.const 16)) (local.get $n)))
  (loop $next
    (local.set $n (call $skip (local.get $from) (i32.sub (local.get $end) (local.get $from)) (f64.const 1)))
    (local.set $to (i32.sub (local.get $to) (local.get $n)))
    (memory.copy (local.get $to) (local.get $from) (local.get $n))
    (local.set $from (i32.add (local.get $from) (local.get $n)))
    (br_if $next (i32.ne (local.get $from) (local.get $end))))
  (call $text_of (call $length (local.get $text)) (local.get $bytes)))

;; `SLICE(list, start [, end])`
;;
;; The items of `list` from index `start` (the first is 0) up to and without index `end`, else up to the last. An index
;; below 0 counts from the end; what lies outside of the list is left out.
;;
;; Example: `TALK SLICE([1, 2, 3, 4], 1, 3)` → `[2,3]`
;; Example: `TALK SLICE([1, 2, 3, 4], -2)` → `[3,4]`
(func $keyword.slice (param $list i64) (param $start i64) (param $end i64) (result i64)
  (local $n i32) (local $from i32) (local $to i32) (local $part i64)
  (local.set $n (call $count_items (local.get $list)))
  (local.set $from (call $bound (local.get $start) (local.get $n)))
  (local.set $to (local.get $n))
  (if (i64.ne (local.get $end) (i64.const 0xFFF8000000000000))
    (then (local.set $to (call $bound (local.get $end) (local.get $n)))))
  (local.set $part (call $list_new (i32.const 0)))
  (if (global.get $failed) (then (return (local.get $part))))
  (call $append_items (local.get $part) (local.get $list) (local.get $from) (local.get $to))
  (local.get $part))

;; The index that `v` names in a list of `n` items, between 0 and `n`; one below 0 counts from the end.
(func $bound (param $v i64) (param $n i32) (result i32)
  (local $i f64)
  (local.set $i (f64.trunc (call $to_number (local.get $v))))
  (if (f64.lt (local.get $i) (f64.const 0)) (then (local.set $i (f64.add (local.get $i) (f64.convert_i32_u (local.get $n))))))
  (i32.trunc_f64_u (f64.max (f64.const 0) (f64.min (local.get $i) (f64.convert_i32_u (local.get $n))))))

;; `FIRST(list [, field])`
;;
;; The first item of `list`, or what that map holds under the key `field`; NULL if there is none, and of NULL.
;;
;; Example: `TALK FIRST(["Ann", "Bob"])` → `Ann`
(func $keyword.first (param $list i64) (param $field i64) (result i64)
  (if (i32.eqz (call $count_items (local.get $list))) (then (return (i64.const 0xFFF8000000000000))))
  (call $share (call $field (call $item (local.get $list) (i32.const 0)) (local.get $field))))

;; `LAST(list [, field])`
;;
;; The last item of `list`, or what that map holds under the key `field`; NULL if there is none, and of NULL.
;;
;; Example: `TALK LAST(["Ann", "Bob"])` → `Bob`
(func $keyword.last (param $list i64) (param $field i64) (result i64)
  (local $n i32)
  (local.set $n (call $count_items (local.get $list)))
  (if (i32.eqz (local.get $n)) (then (return (i64.const 0xFFF8000000000000))))
  (call $share (call $field (call $item (local.get $list) (i32.sub (local.get $n) (i32.const 1))) (local.get $field))))

;; `LBOUND(list)`
;;
;; The index of the first item of `list`: 0.
;;
;; Example: `list = ["a", "b"] : TALK list[LBOUND(list)]` → `a`
(func $keyword.lbound (param $list i64) (result i64)
  (drop (call $count_items (local.get $list)))
  (i64.const 0))

;; `RANGE(from, to [, step])`
;;
;; The list of the numbers from `from` to `to`, `step` (else 1) apart; empty if `to` lies on the other side. An error with a
;; step of 0, and for more than 1 000 000 numbers.
;;
;; Example: `TALK RANGE(1, 5)` → `[1,2,3,4,5]`
;; Example: `TALK RANGE(10, 0, -5)` → `[10,5,0]`
(func $keyword.range (param $from i64) (param $to i64) (param $step i64) (result i64)
  (local $start f64) (local $by f64) (local $n f64) (local $i f64) (local $list i64)
  (local.set $start (call $to_number (local.get $from)))
  (local.set $n (f64.sub (call $to_number (local.get $to)) (local.get $start)))
  (local.set $by (f64.const 1))
  (if (i64.ne (local.get $step) (i64.const 0xFFF8000000000000)) (then (local.set $by (call $to_number (local.get $step)))))
  (if (i32.eqz (global.get $failed))
    (then (local.set $n (f64.add (f64.floor (call $divide (local.get $n) (local.get $by))) (f64.const 1)))))
  (if (f64.gt (local.get $n) (f64.const 1000000)) (then (call $fail (i32.const 24) (i64.const 0xFFF8000000000000))))
  (local.set $list (call $list_new (i32.const 0)))
  (if (global.get $failed) (then (return (local.get $list))))
  (block $done
    (loop $next
      (br_if $done (f64.ge (local.get $i) (local.get $n)))
      (call $list_push (local.get $list)
        (call $number (f64.add (local.get $start) (f64.mul (local.get $i) (local.get $by)))))
      (local.set $i (f64.add (local.get $i) (f64.const 1)))
      (br $next)))
  (local.get $list))

;; `KEYS(map)`
;;
;; The list of the keys of `map`, in their order; empty of NULL.
;;
;; Example: `TALK KEYS(#{ tea: 3, cake: 5 })` → `["tea","cake"]`
(func $keyword.keys (param $map i64) (result i64)
  (call $entries_of (local.get $map) (i32.const 0)))

;; `VALUES(map)`
;;
;; The list of the values of `map`, in the order of its keys; empty of NULL.
;;
;; Example: `TALK SUM(VALUES(#{ tea: 3, cake: 5 }))` → `8`
(func $keyword.values (param $map i64) (result i64)
  (call $entries_of (local.get $map) (i32.const 1)))

;; The keys of a map as a list, or its `values`.
(func $entries_of (param $map i64) (param $values i32) (result i64)
  (local $list i64) (local $entry i32) (local $i i32) (local $n i32)
  (local.set $n (call $count_entries (local.get $map)))
  (local.set $list (call $list_new (local.get $n)))
  (if (local.get $n) (then (local.set $entry (i32.add (i32.load offset=8 (i32.wrap_i64 (local.get $map))) (i32.const 8)))))
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $i) (local.get $n)))
      (call $list_push (local.get $list)
        (if (result i64) (local.get $values)
          (then (call $share (i64.load offset=8 (local.get $entry))))
          (else (i64.or (i64.const 0xFFF9000000000000) (i64.load32_u (local.get $entry))))))
      (local.set $entry (i32.add (local.get $entry) (i32.const 16)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (local.get $list))

;; The number of entries of a map, 0 of NULL; anything else is the failure "no-members".
(func $count_entries (param $map i64) (result i32)
  (if (i64.eq (local.get $map) (i64.const 0xFFF8000000000000)) (then (return (i32.const 0))))
  (if (i32.ne (call $tag (local.get $map)) (i32.const 0xFFFB))
    (then (call $fail (i32.const 8) (local.get $map)) (return (i32.const 0))))
  (call $length (local.get $map)))

;; `HASKEY(map, key)`
;;
;; Whether `map` has `key`, also if it holds NULL there; FALSE of NULL.
;;
;; Example: `TALK HASKEY(#{ tea: 3 }, "tea")` → `true`
;; Example: `TALK HASKEY(#{ tea: 3 }, "Tea")` → `false`
(func $keyword.haskey (param $map i64) (param $key i64) (result i64)
  (if (i32.eqz (call $count_entries (local.get $map))) (then (return (call $boolean (i32.const 0)))))
  (call $boolean (i32.ne (call $map_entry (local.get $map) (call $to_text (local.get $key))) (i32.const 0))))
