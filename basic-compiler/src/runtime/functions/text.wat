;; Functions of texts that need no table of Unicode's. Positions count Unicode scalars, from 1.

;;; text

;; `LEN(value)`
;; `COUNT(value)`
;; `UBOUND(value)`
;;
;; The length of a text in characters, the number of items of a list or map; 0 of NULL. UBOUND is the number of items
;; too, so that `list[UBOUND(list) - 1]` is the last one.
;;
;; Example: `TALK LEN("héllo")` → `5`
;; Example: `TALK COUNT(["tea", "cake"])` → `2`
;; Example: `list = ["a", "b"] : TALK list[UBOUND(list) - 1]` → `b`
(func $keyword.len (param $v i64) (result f64)
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000000)) (then (return (f64.const 0))))
  (if (i64.lt_u (local.get $v) (i64.const 0xFFF9000000000000)) (then (local.set $v (call $to_text (local.get $v)))))
  (if (i64.ge_u (local.get $v) (i64.const 0xFFFA000000000000))
    (then (return (f64.convert_i32_u (call $length (local.get $v))))))
  (f64.convert_i32_u (call $scalars (call $at (local.get $v)) (call $length (local.get $v)))))

;; `LEFT(text, count)`
;;
;; The first `count` characters of `text`; all of it if there are fewer, nothing if `count` is below 1.
;;
;; Example: `TALK LEFT("Hearsay", 4)` → `Hear`
(func $keyword.left (param $text i64) (param $count i64) (result i64)
  (local $n f64)
  (local.set $text (call $to_text (local.get $text)))
  (local.set $n (call $to_number (local.get $count)))
  (if (global.get $failed) (then (return (global.get $empty))))
  (call $text_copy (call $at (local.get $text)) (call $skip (call $at (local.get $text)) (call $length (local.get $text)) (local.get $n))))

;; `RIGHT(text, count)`
;;
;; The last `count` characters of `text`; all of it if there are fewer, nothing if `count` is below 1.
;;
;; Example: `TALK RIGHT("Hearsay", 3)` → `say`
(func $keyword.right (param $text i64) (param $count i64) (result i64)
  (local $n f64) (local $p i32)
  (local.set $text (call $to_text (local.get $text)))
  (local.set $n (f64.trunc (call $to_number (local.get $count))))
  (if (global.get $failed) (then (return (global.get $empty))))
  (if (f64.le (local.get $n) (f64.const 0)) (then (return (global.get $empty))))
  (local.set $p (call $skip (call $at (local.get $text)) (call $length (local.get $text))
    (f64.sub (f64.convert_i32_u (call $scalars (call $at (local.get $text)) (call $length (local.get $text)))) (local.get $n))))
  (call $text_copy (i32.add (call $at (local.get $text)) (local.get $p)) (i32.sub (call $length (local.get $text)) (local.get $p))))

;; `MID(text, start [, count])`
;;
;; So many characters of `text` from position `start` on (the first is 1); without a count all of the rest. Nothing if
;; `start` is behind the end; an error if it is below 1. Of a list so many items, counted from 1 here too.
;;
;; Example: `TALK MID("Hearsay", 5)` → `say`
;; Example: `TALK MID("Hearsay", 2, 3)` → `ear`
(func $keyword.mid (param $text i64) (param $start i64) (param $count i64) (result i64)
  (local $p i32) (local $n i32) (local $from f64) (local $take f64)
  (local.set $from (call $position (local.get $start)))
  (local.set $take (f64.const 1e15))
  (if (i64.ne (local.get $count) (i64.const 0xFFF8000000000000))
    (then (local.set $take (call $to_number (local.get $count)))))
  (if (global.get $failed) (then (return (global.get $empty))))
  (if (i32.eq (call $tag (local.get $text)) (i32.const 0xFFFA))
    (then (return (call $part_of_list (local.get $text) (f64.sub (local.get $from) (f64.const 1)) (local.get $take)))))
  (local.set $text (call $to_text (local.get $text)))
  (local.set $n (call $length (local.get $text)))
  (local.set $p (call $skip (call $at (local.get $text)) (local.get $n) (f64.sub (local.get $from) (f64.const 1))))
  (call $text_copy (i32.add (call $at (local.get $text)) (local.get $p))
    (call $skip (i32.add (call $at (local.get $text)) (local.get $p)) (i32.sub (local.get $n) (local.get $p)) (local.get $take))))

;; So many items of a list from index `from` on; fewer where it ends.
(func $part_of_list (param $list i64) (param $from f64) (param $count f64) (result i64)
  (local $part i64)
  (local.set $part (call $list_new (i32.const 0)))
  (call $append_items (local.get $part) (local.get $list)
    (call $bound (i64.reinterpret_f64 (local.get $from)) (call $length (local.get $list)))
    (call $bound (i64.reinterpret_f64 (f64.add (local.get $from) (f64.max (local.get $count) (f64.const 0)))) (call $length (local.get $list))))
  (local.get $part))

;; The whole position that a number names, else the failure "bad-position".
(func $position (param $v i64) (result f64)
  (local $n f64)
  (local.set $n (f64.trunc (call $to_number (local.get $v))))
  (if (i32.and (i32.eqz (global.get $failed)) (f64.lt (local.get $n) (f64.const 1)))
    (then (call $fail (i32.const 14) (local.get $v))))
  (local.get $n))

;; `INSTR([start,] text, part)`
;;
;; The position at which `part` first stands in `text`, looked for from position `start` on (else from 1); 0 if it
;; stands nowhere. Capital and small letters differ.
;;
;; Example: `TALK INSTR("banana", "an")` → `2`
;; Example: `TALK INSTR(3, "banana", "an")` → `4`
;; Example: `TALK INSTR("banana", "x")` → `0`
(func $keyword.instr (param $start i64) (param $text i64) (param $part i64) (result i64)
  (local $from f64) (local $p i32)
  (local.set $text (call $to_text (local.get $text)))
  (local.set $part (call $to_text (local.get $part)))
  (local.set $from (f64.const 1))
  (if (i64.ne (local.get $start) (i64.const 0xFFF8000000000000))
    (then (local.set $from (call $position (local.get $start)))))
  (if (global.get $failed) (then (return (i64.const 0))))
  (local.set $p (call $skip (call $at (local.get $text)) (call $length (local.get $text)) (f64.sub (local.get $from) (f64.const 1))))
  (if (f64.lt (f64.convert_i32_u (call $scalars (call $at (local.get $text)) (local.get $p))) (f64.sub (local.get $from) (f64.const 1)))
    (then (return (i64.const 0))))
  (local.set $p (call $find_from (local.get $text) (local.get $part) (local.get $p)))
  (if (i32.lt_s (local.get $p) (i32.const 0)) (then (return (i64.const 0))))
  (i64.reinterpret_f64 (f64.convert_i32_u
    (i32.add (i32.const 1) (call $scalars (call $at (local.get $text)) (local.get $p))))))

;; `SPLIT(text, separator)`
;;
;; The list of the parts of `text` between separators. An empty separator splits into single characters. An error for
;; more than 1 000 000 parts.
;;
;; Example: `TALK SPLIT("a,b,,c", ",")` → `["a","b","","c"]`
;; Example: `TALK SPLIT("tea", "")` → `["t","e","a"]`
(func $keyword.split (param $text i64) (param $separator i64) (result i64)
  (local $list i64) (local $base i32) (local $n i32) (local $p i32) (local $end i32) (local $gap i32) (local $known i32)
  (local $first i64) (local $found i64)
  (local.set $list (call $list_new (i32.const 0)))
  (local.set $text (call $to_text (local.get $text)))
  (local.set $separator (call $to_text (local.get $separator)))
  (if (global.get $failed) (then (return (local.get $list))))
  (local.set $base (call $at (local.get $text)))
  (local.set $n (call $length (local.get $text)))
  (local.set $gap (call $length (local.get $separator)))
  (if (i32.eqz (i32.or (local.get $n) (local.get $gap))) (then (return (local.get $list))))
  (local.set $known (call $items_new (i32.const 1024)))
  ;; The separator's first byte, eight times.
  (if (local.get $gap)
    (then (local.set $first (i64.mul (i64.load8_u (call $at (local.get $separator))) (i64.const 0x0101010101010101)))))
  (loop $next
    (local.set $end (local.get $p))
    (block $met
      ;; A separator is mostly one byte, and words are short: a call for each would cost more than to look here.
      (if (i32.eq (local.get $gap) (i32.const 1))
        (then
          (loop $look
            (if (i32.le_s (local.get $end) (i32.sub (local.get $n) (i32.const 8)))
              (then
                (local.set $found (i64.xor (local.get $first) (i64.load (i32.add (local.get $base) (local.get $end)))))
                (local.set $found (call $zero_bytes (local.get $found)))
                (local.set $end (i32.add (local.get $end) (i32.wrap_i64 (i64.shr_u (i64.ctz (local.get $found)) (i64.const 3)))))
                (br_if $look (i64.eqz (local.get $found)))
                (br $met)))
            (br_if $met (i32.ge_u (local.get $end) (local.get $n)))
            (br_if $met (i32.eq (i32.load8_u (i32.add (local.get $base) (local.get $end))) (i32.wrap_i64 (i64.and (local.get $first) (i64.const 0xFF)))))
            (local.set $end (i32.add (local.get $end) (i32.const 1)))
            (br $look))))
      (local.set $end
        (if (result i32) (local.get $gap)
          (then (call $find_from (local.get $text) (local.get $separator) (local.get $p)))
          (else (i32.add (local.get $p)
            (call $skip (i32.add (local.get $base) (local.get $p)) (i32.sub (local.get $n) (local.get $p)) (f64.const 1)))))))
    (if (i32.lt_s (local.get $end) (i32.const 0)) (then (local.set $end (local.get $n))))
    (if (i32.ge_u (call $length (local.get $list)) (i32.const 1000000))
      (then (call $fail (i32.const 24) (i64.const 0xFFF8000000000000)) (return (local.get $list))))
    (call $list_push (local.get $list)
      (call $part (local.get $known) (i32.add (local.get $base) (local.get $p)) (i32.sub (local.get $end) (local.get $p))))
    ;; Behind a separator there is one more part, if an empty one.
    (local.set $p (i32.add (local.get $end) (local.get $gap)))
    (br_if $next (i32.lt_u (local.get $end) (local.get $n))))
  (local.get $list))

;; The text of the `n` bytes at `at`. Words come again: of those made before, `known` holds one for each of 1024 hashes.
(func $part (param $known i32) (param $at i32) (param $n i32) (result i64)
  (local $hash i32) (local $text i64)
  ;; Long ones are rarely alike; and the hash reads eight bytes, which have to be there.
  (if (i32.or (i32.gt_u (local.get $n) (i32.const 32))
        (i32.gt_u (i32.add (local.get $at) (i32.const 8)) (global.get $grown)))
    (then (return (call $text_copy (local.get $at) (local.get $n)))))
  (local.set $hash (call $hash_bytes (local.get $at) (local.get $n)))
  (local.set $known (i32.add (local.get $known) (i32.shl (i32.and (local.get $hash) (i32.const 1023)) (i32.const 3))))
  (local.set $text (i64.load offset=8 (local.get $known)))
  (if (i64.ne (local.get $text) (i64.const 0))
    (then
      (if (call $short_equal (local.get $at) (local.get $n) (call $at (local.get $text)) (call $length (local.get $text)))
        (then (return (local.get $text))))))
  (local.set $text (call $text_copy (local.get $at) (local.get $n)))
  (if (local.get $n)
    (then (i32.store offset=12 (i32.wrap_i64 (local.get $text)) (local.get $hash))))
  (i64.store offset=8 (local.get $known) (local.get $text))
  (local.get $text))

;; `CONTAINS(value, part)`
;;
;; Whether `part` stands in the text `value`, is an item of the list `value`, or a key of the map `value`; FALSE of NULL.
;;
;; Example: `TALK CONTAINS("banana", "nan")` → `true`
;; Example: `TALK CONTAINS([1, 2], "2")` → `false`
(func $keyword.contains (param $value i64) (param $part i64) (result i64)
  (call $boolean (call $in (local.get $part) (local.get $value))))

;; `STR(value)`
;; `CSTR(value)`
;;
;; `value` as text, as TALK says it: a number as its shortest decimal, NULL as nothing, a list or a map as JSON.
;;
;; Example: `TALK STR(1.50) + "!"` → `1.5!`
;; Example: `TALK LEN(CSTR(NULL))` → `0`
(func $keyword.str (param $value i64) (result i64)
  (call $to_text (local.get $value)))

;; `CHR(code)`
;;
;; The character with the Unicode number `code`. An error if there is none, and for 0: texts hold no NUL.
;;
;; Example: `TALK CHR(65) + CHR(233)` → `Aé`
(func $keyword.chr (param $code i64) (result i64)
  (local $n f64) (local $c i32) (local $extra i32) (local $p i32)
  (local.set $n (call $to_number (local.get $code)))
  (if (global.get $failed) (then (return (global.get $empty))))
  (if (i32.or
        (i32.or (f64.ne (local.get $n) (f64.trunc (local.get $n))) (f64.lt (local.get $n) (f64.const 1)))
        (i32.or (f64.gt (local.get $n) (f64.const 0x10FFFF))
          (i32.and (f64.ge (local.get $n) (f64.const 0xD800)) (f64.le (local.get $n) (f64.const 0xDFFF)))))
    (then (call $fail (i32.const 22) (local.get $code)) (return (global.get $empty))))
  (local.set $c (i32.trunc_f64_u (local.get $n)))
  (if (i32.lt_u (local.get $c) (i32.const 0x80))
    (then
      (i32.store8 (i32.const 64) (local.get $c))
      (return (call $text_copy (i32.const 64) (i32.const 1)))))
  ;; UTF-8: so many bytes of six bits behind the first.
  (local.set $extra (i32.add (i32.const 1)
    (i32.add (i32.gt_u (local.get $c) (i32.const 0x7FF)) (i32.gt_u (local.get $c) (i32.const 0xFFFF)))))
  (local.set $p (local.get $extra))
  (loop $next
    (i32.store8 (i32.add (i32.const 64) (local.get $p)) (i32.or (i32.const 0x80) (i32.and (local.get $c) (i32.const 0x3F))))
    (local.set $c (i32.shr_u (local.get $c) (i32.const 6)))
    (local.set $p (i32.sub (local.get $p) (i32.const 1)))
    (br_if $next (local.get $p)))
  (i32.store8 (i32.const 64) (i32.or (local.get $c) (i32.shr_s (i32.const 0xFFFFFF80) (local.get $extra))))
  (call $text_copy (i32.const 64) (i32.add (local.get $extra) (i32.const 1))))

;; `ASC(text)`
;;
;; The Unicode number of the first character of `text`; an error if it has none.
;;
;; Example: `TALK ASC("A")` → `65`
;; Example: `TALK ASC("€uro")` → `8364`
(func $keyword.asc (param $text i64) (result i64)
  (local $at i32) (local $c i32) (local $left i32)
  (local.set $text (call $to_text (local.get $text)))
  (if (global.get $failed) (then (return (i64.const 0))))
  (if (i32.eqz (call $length (local.get $text)))
    (then (call $fail (i32.const 23) (i64.const 0xFFF8000000000000)) (return (i64.const 0))))
  (local.set $at (call $at (local.get $text)))
  (local.set $c (i32.load8_u (local.get $at)))
  (local.set $left (i32.sub (call $skip (local.get $at) (call $length (local.get $text)) (f64.const 1)) (i32.const 1)))
  (if (local.get $left) (then (local.set $c (i32.and (local.get $c) (i32.shr_u (i32.const 0x3F) (local.get $left))))))
  (loop $next
    (if (local.get $left)
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $c (i32.or (i32.shl (local.get $c) (i32.const 6)) (i32.and (i32.load8_u (local.get $at)) (i32.const 0x3F))))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $next))))
  (i64.reinterpret_f64 (f64.convert_i32_u (local.get $c))))
