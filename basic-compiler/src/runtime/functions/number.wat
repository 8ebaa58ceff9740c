;; Functions of numbers that a machine instruction or two make; all others are the host's.

;;; number

;; `ABS(number)`
;;
;; The number without its sign.
;;
;; Example: `TALK ABS(-3.5)` → `3.5`
(func $keyword.abs (param $v i64) (result i64)
  (call $number (f64.abs (call $to_number (local.get $v)))))

;; `INT(number)`
;; `FLOOR(number)`
;;
;; The largest whole number that is not above `number`.
;;
;; Example: `TALK INT(2.7)` → `2`
;; Example: `TALK FLOOR(-2.5)` → `-3`
(func $keyword.int (param $v i64) (result i64)
  (call $number (f64.floor (call $to_number (local.get $v)))))

;; `CEIL(number)`
;; `CEILING(number)`
;;
;; The smallest whole number that is not below `number`.
;;
;; Example: `TALK CEIL(2.1)` → `3`
(func $keyword.ceil (param $v i64) (result i64)
  (call $number (f64.ceil (call $to_number (local.get $v)))))

;; `FIX(number)`
;;
;; `number` without its decimals: towards zero.
;;
;; Example: `TALK FIX(-2.7)` → `-2`
(func $keyword.fix (param $v i64) (result i64)
  (call $number (f64.trunc (call $to_number (local.get $v)))))

;; `SGN(number)`
;;
;; 1 of a number above zero, -1 of one below, 0 of zero.
;;
;; Example: `TALK SGN(-12)` → `-1`
(func $keyword.sgn (param $v i64) (result i64)
  (local $n f64)
  (local.set $n (call $to_number (local.get $v)))
  (i64.reinterpret_f64 (f64.convert_i32_s
    (i32.sub (f64.gt (local.get $n) (f64.const 0)) (f64.lt (local.get $n) (f64.const 0))))))

;; `SQR(number)`
;; `SQRT(number)`
;;
;; The square root; an error below zero.
;;
;; Example: `TALK SQR(16)` → `4`
(func $keyword.sqr (param $v i64) (result i64)
  (call $number (f64.sqrt (call $to_number (local.get $v)))))

;; `PI()`
;; `PI`
;;
;; 3.141592653589793.
;;
;; Example: `TALK ROUND(PI, 4)` → `3.1416`
(func $keyword.pi (result i64)
  (i64.reinterpret_f64 (f64.const 0x1.921fb54442d18p+1)))

;; `MAX(value, ...)`
;;
;; The largest of all values, those in lists included; of MAX(list, field), where the list has maps, what they hold under
;; that key. They are compared as `<` does: numbers, or texts (and so dates);
;; a mix is an error. NULL does not count; NULL if there is nothing else.
;;
;; Example: `TALK MAX(3, 12, 7)` → `12`
;; Example: `TALK MAX([3, 12], 20)` → `20`
;; Example: `TALK MAX("2026-01-31", "2026-02-01")` → `2026-02-01`
(func $keyword.max (param $values i64) (result i64)
  (call $extreme (local.get $values) (i32.const 1) (i32.const 1)))

(func $keyword.max.pair (param $a i64) (param $b i64) (result i64)
  (if (i32.and (call $is_number (local.get $a)) (call $is_number (local.get $b)))
    (then (return (i64.reinterpret_f64 (f64.max (f64.reinterpret_i64 (local.get $a)) (f64.reinterpret_i64 (local.get $b)))))))
  (call $extreme (call $pair (local.get $a) (local.get $b)) (i32.const 1) (i32.const 1)))

;; `MIN(value, ...)`
;;
;; The smallest of all values, those in lists included; of MIN(list, field), where the list has maps, what they hold under
;; that key. They are compared as `<` does: numbers, or texts (and so dates);
;; a mix is an error. NULL does not count; NULL if there is nothing else.
;;
;; Example: `TALK MIN(3, 12, 7)` → `3`
;; Example: `TALK MIN([3, 12])` → `3`
(func $keyword.min (param $values i64) (result i64)
  (call $extreme (local.get $values) (i32.const -1) (i32.const 1)))

(func $keyword.min.pair (param $a i64) (param $b i64) (result i64)
  (if (i32.and (call $is_number (local.get $a)) (call $is_number (local.get $b)))
    (then (return (i64.reinterpret_f64 (f64.min (f64.reinterpret_i64 (local.get $a)) (f64.reinterpret_i64 (local.get $b)))))))
  (call $extreme (call $pair (local.get $a) (local.get $b)) (i32.const -1) (i32.const 1)))

;; The two as a list; of a list of maps and a text, the fields of that name.
(func $pair (param $a i64) (param $b i64) (result i64)
  (local $list i64)
  (if (i32.and (i32.eq (call $tag (local.get $a)) (i32.const 0xFFFA)) (i32.eq (call $tag (local.get $b)) (i32.const 0xFFF9)))
    (then
      (if (i32.ne (call $length (local.get $a)) (i32.const 0))
        (then
          (if (i32.eq (call $tag (call $item (local.get $a) (i32.const 0))) (i32.const 0xFFFB))
            (then (return (call $fields (local.get $a) (local.get $b)))))))))
  (local.set $list (call $list_new (i32.const 2)))
  (call $list_push (local.get $list) (local.get $a))
  (call $list_push (local.get $list) (local.get $b))
  (local.get $list))

;; The largest (`sign` 1) or smallest (-1) item of a list and, with one `level`, of the lists in it.
(func $extreme (param $values i64) (param $sign i32) (param $level i32) (result i64)
  (local $i i32) (local $best i64) (local $v i64)
  (local.set $best (i64.const 0xFFF8000000000000))
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $i) (call $length (local.get $values))))
      (local.set $v (call $item (local.get $values) (local.get $i)))
      (if (i32.and (local.get $level) (i32.eq (call $tag (local.get $v)) (i32.const 0xFFFA)))
        (then (local.set $v (call $extreme (local.get $v) (local.get $sign) (i32.const 0)))))
      (if (i64.ne (local.get $v) (i64.const 0xFFF8000000000000))
        (then
          (if (i64.eq (local.get $best) (i64.const 0xFFF8000000000000))
            ;; What cannot be compared with itself is no value to look for.
            (then (drop (call $order (local.get $v) (local.get $v))) (local.set $best (local.get $v)))
            (else
              (if (i32.eq (call $order (local.get $v) (local.get $best)) (local.get $sign))
                (then (local.set $best (local.get $v))))))))
      (br_if $done (global.get $failed))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (local.get $best))

;; What the maps in a list hold under `key`; the list itself if `key` is NULL.
(func $fields (param $list i64) (param $key i64) (result i64)
  (local $i i32) (local $n i32) (local $fields i64)
  (if (i64.eq (local.get $key) (i64.const 0xFFF8000000000000)) (then (return (local.get $list))))
  (local.set $n (call $count_items (local.get $list)))
  (local.set $fields (call $list_new (local.get $n)))
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $i) (local.get $n)))
      (call $list_push (local.get $fields) (call $field (call $item (local.get $list) (local.get $i)) (local.get $key)))
      (br_if $done (global.get $failed))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (local.get $fields))

;; What a map holds under `key`, NULL of NULL; the value itself if `key` is NULL.
(func $field (param $v i64) (param $key i64) (result i64)
  (if (i64.eq (local.get $key) (i64.const 0xFFF8000000000000)) (then (return (local.get $v))))
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000000)) (then (return (local.get $v))))
  (if (i32.ne (call $tag (local.get $v)) (i32.const 0xFFFB))
    (then (call $fail (i32.const 8) (local.get $v)) (return (local.get $v))))
  (call $index (local.get $v) (local.get $key)))

;; `SUM(list [, field])`
;;
;; The sum of the numbers in `list`, or of what its maps hold under the key `field`; 0 of an empty list and of NULL. An item that is NULL does not count, any other that is
;; no number is an error.
;;
;; Example: `TALK SUM([1, 2, 3.5])` → `6.5`
;; Example: `TALK SUM([#{ price: 4 }, #{ price: 6 }], "price")` → `10`
(func $keyword.sum (param $list i64) (param $field i64) (result i64)
  (call $number (call $total (call $fields (local.get $list) (local.get $field)))))

;; `AVG(list [, field])`
;;
;; The mean of the numbers in `list`, or of what its maps hold under the key `field`; NULL if it has none. An item that is NULL does not count, any other that is
;; no number is an error.
;;
;; Example: `TALK AVG([1, 2, 6])` → `3`
(func $keyword.avg (param $list i64) (param $field i64) (result i64)
  (local $sum f64)
  (local.set $sum (call $total (call $fields (local.get $list) (local.get $field))))
  (if (f64.eq (global.get $counted) (f64.const 0)) (then (return (i64.const 0xFFF8000000000000))))
  (call $number (f64.div (local.get $sum) (global.get $counted))))

;; How many numbers $total met.
(global $counted (mut f64) (f64.const 0))

(func $total (param $list i64) (result f64)
  (local $i i32) (local $n i32) (local $sum f64) (local $v i64)
  (global.set $counted (f64.const 0))
  (local.set $n (call $count_items (local.get $list)))
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $i) (local.get $n)))
      (local.set $v (call $item (local.get $list) (local.get $i)))
      (if (i64.ne (local.get $v) (i64.const 0xFFF8000000000000))
        (then
          (local.set $sum (f64.add (local.get $sum) (call $to_number (local.get $v))))
          (global.set $counted (f64.add (global.get $counted) (f64.const 1)))))
      (br_if $done (global.get $failed))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (local.get $sum))
