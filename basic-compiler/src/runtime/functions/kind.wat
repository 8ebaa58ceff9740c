;; Functions that ask of what kind a value is, choose among values, or make one kind of another.

;;; kind

;; `TYPEOF(value)`
;;
;; The kind of `value`: "null", "boolean", "number", "string", "array" (a list) or "object" (a map).
;;
;; Example: `TALK TYPEOF(12)` → `number`
;; Example: `TALK TYPEOF("12") + ", " + TYPEOF([12])` → `string, array`
(func $keyword.typeof (param $v i64) (result i64)
  (if (call $is_number (local.get $v)) (then (return (global.get $kind_number))))
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000000)) (then (return (global.get $kind_null))))
  (if (i64.lt_u (local.get $v) (i64.const 0xFFF9000000000000)) (then (return (global.get $kind_boolean))))
  (if (i64.lt_u (local.get $v) (i64.const 0xFFFA000000000000)) (then (return (global.get $kind_string))))
  (select (global.get $kind_array) (global.get $kind_object) (i32.eq (call $tag (local.get $v)) (i32.const 0xFFFA))))

;; `ISNULL(value)`
;;
;; Whether `value` is NULL: also an unset variable, and a key that a map does not have.
;;
;; Example: `TALK ISNULL(NULL)` → `true`
;; Example: `TALK ISNULL("")` → `false`
(func $keyword.isnull (param $v i64) (result i64)
  (call $boolean (i64.eq (local.get $v) (i64.const 0xFFF8000000000000))))

;; `ISEMPTY(value)`
;;
;; Whether `value` is NULL, "", or a list or map without items.
;;
;; Example: `TALK ISEMPTY([])` → `true`
;; Example: `TALK ISEMPTY(0)` → `false`
(func $keyword.isempty (param $v i64) (result i64)
  (call $boolean (call $is_empty (local.get $v))))

;; `ISARRAY(value)`
;;
;; Whether `value` is a list.
;;
;; Example: `TALK ISARRAY([1, 2])` → `true`
(func $keyword.isarray (param $v i64) (result i64)
  (call $boolean (i32.eq (call $tag (local.get $v)) (i32.const 0xFFFA))))

;; `ISNUMERIC(value)`
;; `ISNUMBER(value)`
;;
;; Whether `value` is a number, or a text that is one as a whole.
;;
;; Example: `TALK ISNUMERIC(" 12.5 ")` → `true`
;; Example: `TALK ISNUMERIC("12 apples")` → `false`
(func $keyword.isnumeric (param $v i64) (result i64)
  (call $boolean (call $is_numeric (local.get $v))))

;; `NVL(value, fallback, ...)`
;; `COALESCE(value, fallback, ...)`
;;
;; `value`, unless it is NULL; then the first of the others that is not. All are evaluated.
;;
;; Example: `TALK NVL(NULL, "nobody")` → `nobody`
;; Example: `TALK COALESCE(NULL, NULL, 3, 4)` → `3`
(func $keyword.coalesce (param $value i64) (param $fallback i64) (result i64)
  (local $i i32) (local $v i64)
  (local.set $v (local.get $value))
  (block $found
    (loop $next
      (br_if $found (i64.ne (local.get $v) (i64.const 0xFFF8000000000000)))
      (br_if $found (i32.eq (local.get $i) (call $length (local.get $fallback))))
      (local.set $v (call $item (local.get $fallback) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (call $share (local.get $v)))

;; `CHOOSE(index, value, ...)`
;;
;; The value at place `index`, counted from 1; NULL if there is none. All are evaluated.
;;
;; Example: `TALK CHOOSE(2, "red", "green", "blue")` → `green`
(func $keyword.choose (param $index i64) (param $value i64) (result i64)
  (local $n f64)
  (local.set $n (f64.trunc (call $to_number (local.get $index))))
  (if (i32.or (f64.lt (local.get $n) (f64.const 1))
        (f64.gt (local.get $n) (f64.convert_i32_u (call $length (local.get $value)))))
    (then (return (i64.const 0xFFF8000000000000))))
  (call $share (call $item (local.get $value) (i32.sub (i32.trunc_f64_u (local.get $n)) (i32.const 1)))))

;; `CDBL(value)`
;;
;; `value` as a number: of a text the number that all of it is, 1 of TRUE, 0 of FALSE and of NULL. Anything else is an error;
;; VAL takes any text.
;;
;; Example: `TALK CDBL("2.5") * 2` → `5`
(func $keyword.cdbl (param $v i64) (result i64)
  (call $number (call $converted (local.get $v))))

;; `CINT(value)`
;;
;; `value` as a whole number: like CDBL, and rounded; halves go away from zero, as in ROUND.
;;
;; Example: `TALK CINT("41.5")` → `42`
(func $keyword.cint (param $v i64) (result i64)
  (local $n f64) (local $whole f64)
  (local.set $n (call $converted (local.get $v)))
  (local.set $whole (f64.trunc (local.get $n)))
  (if (f64.ge (f64.abs (f64.sub (local.get $n) (local.get $whole))) (f64.const 0.5))
    (then (local.set $whole (f64.add (local.get $whole) (f64.copysign (f64.const 1) (local.get $n))))))
  (call $number (local.get $whole)))

(func $converted (param $v i64) (result f64)
  (local $n f64)
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000000)) (then (return (f64.const 0))))
  (if (i32.eq (call $tag (local.get $v)) (i32.const 0xFFF8))
    (then (return (f64.convert_i32_u (i64.eq (local.get $v) (i64.const 0xFFF8000000000003))))))
  (local.set $n (call $numeric (local.get $v)))
  (if (f64.ne (local.get $n) (local.get $n)) (then (call $fail (i32.const 3) (local.get $v)) (return (f64.const 0))))
  (local.get $n))
