;; The arguments of scripts: what PARAM makes of them.

;; `v` as the type `kind` of a PARAM, which `label` names: 0 any, 1 text, 2 whole number, 3 number, 4 boolean, 5 list,
;; 6 map. NULL fits every type. A text that is a number is one; a number or a boolean is a text.
(func $argument (param $v i64) (param $kind i32) (param $label i64) (result i64)
  (local $n f64) (local $tag i32)
  (local.set $tag (call $tag (local.get $v)))
  (if (i32.or (i32.eqz (local.get $kind)) (i64.eq (local.get $v) (i64.const 0xFFF8000000000000)))
    (then (return (local.get $v))))
  (if (i32.eq (local.get $kind) (i32.const 1))
    (then (if (i32.lt_u (local.get $tag) (i32.const 0xFFFA)) (then (return (call $to_text (local.get $v)))))))
  (if (i32.or (i32.eq (local.get $kind) (i32.const 2)) (i32.eq (local.get $kind) (i32.const 3)))
    (then
      (local.set $n (call $numeric (local.get $v)))
      (if (f64.eq (local.get $n)
            (select (f64.trunc (local.get $n)) (local.get $n) (i32.eq (local.get $kind) (i32.const 2))))
        (then (return (call $number (local.get $n)))))))
  (if (i32.eq (local.get $kind) (i32.const 4))
    (then
      (if (i32.eq (local.get $tag) (i32.const 0xFFF8)) (then (return (local.get $v))))
      (local.set $n (call $numeric (local.get $v)))
      (if (i32.or (f64.eq (local.get $n) (f64.const 1)) (call $reads (local.get $v) (global.get $true_text)))
        (then (return (i64.const 0xFFF8000000000003))))
      (if (i32.or (f64.eq (local.get $n) (f64.const 0)) (call $reads (local.get $v) (global.get $false_text)))
        (then (return (i64.const 0xFFF8000000000002))))))
  (if (i32.and (i32.eq (local.get $kind) (i32.const 5)) (i32.eq (local.get $tag) (i32.const 0xFFFA)))
    (then (return (local.get $v))))
  (if (i32.and (i32.eq (local.get $kind) (i32.const 6)) (i32.eq (local.get $tag) (i32.const 0xFFFB)))
    (then (return (local.get $v))))
  (call $no_argument (local.get $v) (local.get $label))
  (local.get $v))

;; Fails unless `v` is NULL or among `choices`.
(func $argument_among (param $v i64) (param $choices i64) (param $label i64)
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000000)) (then (return)))
  (if (i32.eqz (call $in (local.get $v) (local.get $choices)))
    (then (call $no_argument (local.get $v) (local.get $label)))))

;; The failure "wrong-argument", with the PARAM and the value.
(func $no_argument (param $v i64) (param $label i64)
  (call $fail (i32.const 19)
    (call $concat (call $concat (local.get $label) (global.get $does_not_take)) (call $shown (local.get $v)))))

;; Whether `v` is a text that reads like `word`, which is in small letters, in any case.
(func $reads (param $v i64) (param $word i64) (result i32)
  (local $i i32)
  (if (i32.ne (call $tag (local.get $v)) (i32.const 0xFFF9)) (then (return (i32.const 0))))
  (if (i32.ne (call $length (local.get $v)) (call $length (local.get $word))) (then (return (i32.const 0))))
  (loop $next
    (if (i32.eq (local.get $i) (call $length (local.get $word))) (then (return (i32.const 1))))
    (if (i32.eq
          (i32.or (i32.load8_u (i32.add (call $at (local.get $v)) (local.get $i))) (i32.const 32))
          (i32.load8_u (i32.add (call $at (local.get $word)) (local.get $i))))
      (then
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next))))
  (i32.const 0))
