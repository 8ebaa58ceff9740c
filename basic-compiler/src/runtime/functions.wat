;; The keywords that need no host. Their doc comments are part of the keyword table; `;;;` names the page of the manual
;; that those below it are on.

;;; text

;; `LEN(value)`
;; `COUNT(value)`
;; `UBOUND(value)`
;;
;; The length of a text in characters, the number of items of a list or map; 0 of NULL.
(func $keyword.len (param $v i64) (result f64)
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000000)) (then (return (f64.const 0))))
  (if (i64.lt_u (local.get $v) (i64.const 0xFFF9000000000000)) (then (local.set $v (call $to_text (local.get $v)))))
  (if (i64.ge_u (local.get $v) (i64.const 0xFFFA000000000000))
    (then (return (f64.convert_i32_u (call $length (local.get $v))))))
  (f64.convert_i32_u (call $scalars (call $at (local.get $v)) (call $length (local.get $v)))))

;; `LEFT(text, count)`
;;
;; The first `count` characters of `text`.
(func $keyword.left (param $text i64) (param $count i64) (result i64)
  (local $n f64)
  (local.set $text (call $to_text (local.get $text)))
  (local.set $n (call $to_number (local.get $count)))
  (if (global.get $failed) (then (return (global.get $empty))))
  (call $text_copy (call $at (local.get $text)) (call $skip (call $at (local.get $text)) (call $length (local.get $text)) (local.get $n))))

;; `RIGHT(text, count)`
;;
;; The last `count` characters of `text`.
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
;; So many characters of `text` from position `start` (the first is 1); without a count all of the rest.
;;
(func $keyword.mid (param $text i64) (param $start i64) (param $count i64) (result i64)
  (local $p i32) (local $n i32) (local $from f64) (local $take f64)
  (local.set $text (call $to_text (local.get $text)))
  (local.set $from (call $to_number (local.get $start)))
  (local.set $take (f64.const 1e15))
  (if (i64.ne (local.get $count) (i64.const 0xFFF8000000000000))
    (then (local.set $take (call $to_number (local.get $count)))))
  (if (i32.and (i32.eqz (global.get $failed)) (f64.lt (local.get $from) (f64.const 1)))
    (then (call $fail (i32.const 14) (local.get $start))))
  (if (global.get $failed) (then (return (global.get $empty))))
  (local.set $n (call $length (local.get $text)))
  (local.set $p (call $skip (call $at (local.get $text)) (local.get $n) (f64.sub (f64.trunc (local.get $from)) (f64.const 1))))
  (call $text_copy (i32.add (call $at (local.get $text)) (local.get $p))
    (call $skip (i32.add (call $at (local.get $text)) (local.get $p)) (i32.sub (local.get $n) (local.get $p)) (local.get $take))))

;;; number

;; `ABS(number)`
;;
;; The number without its sign.
;;
(func $keyword.abs (param $v i64) (result i64)
  (call $number (f64.abs (call $to_number (local.get $v)))))

;; `INT(number)`
;;
;; The largest whole number that is not above `number`.
(func $keyword.int (param $v i64) (result i64)
  (call $number (f64.floor (call $to_number (local.get $v)))))

;;; list

;; `SUM(list)`
;;
;; The sum of the numbers in `list`; 0 of an empty one.
(func $keyword.sum (param $list i64) (result i64)
  (local $i i32) (local $sum f64) (local $items i32)
  (if (i32.ne (call $tag (local.get $list)) (i32.const 0xFFFA))
    (then (call $fail (i32.const 11) (local.get $list)) (return (i64.const 0))))
  (local.set $items (i32.load offset=8 (i32.wrap_i64 (local.get $list))))
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $i) (call $length (local.get $list))))
      (local.set $sum (f64.add (local.get $sum)
        (call $to_number (i64.load offset=8 (i32.add (local.get $items) (i32.shl (local.get $i) (i32.const 3)))))))
      (br_if $done (global.get $failed))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (call $number (local.get $sum)))
