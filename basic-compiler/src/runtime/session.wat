;; Session variables by a name that is only known when the line runs. Those that some script names have a slot; the
;; others are kept in a map, in the slot at `others`.

;; Whether `path` begins with `prefix` and goes on with a name that is neither the host's (the `count` texts at
;; `properties`) nor the compiler's own.
(func $names_variable (param $path i64) (param $prefix i64) (param $properties i32) (param $count i32) (result i32)
  (local $n i32) (local $at i32) (local $length i32)
  (local.set $n (call $length (local.get $prefix)))
  (if (i32.le_u (call $length (local.get $path)) (local.get $n)) (then (return (i32.const 0))))
  (if (i32.eqz (call $bytes_equal (call $at (local.get $path)) (local.get $n) (call $at (local.get $prefix)) (local.get $n)))
    (then (return (i32.const 0))))
  (local.set $at (i32.add (call $at (local.get $path)) (local.get $n)))
  (local.set $length (i32.sub (call $length (local.get $path)) (local.get $n)))
  (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 35)) (then (return (i32.const 0))))
  (i32.eq (i32.const -1)
    (call $name_find (local.get $properties) (local.get $count) (i32.const -1) (local.get $at) (local.get $length))))

;; The name behind `session.`, without a `$` at its end.
(func $variable_name (param $path i64) (result i64)
  (local $at i32) (local $length i32)
  (local.set $at (i32.add (call $at (local.get $path)) (i32.const 8)))
  (local.set $length (i32.sub (call $length (local.get $path)) (i32.const 8)))
  (if (i32.eq (i32.load8_u (i32.sub (i32.add (local.get $at) (local.get $length)) (i32.const 1))) (i32.const 36))
    (then (local.set $length (i32.sub (local.get $length) (i32.const 1)))))
  (call $text_copy (local.get $at) (local.get $length)))

;; The slot of the variable `name` that some script names; 0 if none does.
(func $named_slot (param $name i64) (result i32)
  (local $i i32)
  (local.set $i (call $name_find (global.get $globals_names) (global.get $globals_count) (i32.const -1)
    (call $at (local.get $name)) (call $length (local.get $name))))
  (if (i32.eq (local.get $i) (i32.const -1)) (then (return (i32.const 0))))
  (i32.add (global.get $globals) (i32.shl (local.get $i) (i32.const 3))))

(func $session_get (param $path i64) (param $others i32) (result i64)
  (local $name i64) (local $slot i32)
  (local.set $name (call $variable_name (local.get $path)))
  (local.set $slot (call $named_slot (local.get $name)))
  (if (local.get $slot) (then (return (call $share (i64.load (local.get $slot))))))
  (if (i64.eq (i64.load (local.get $others)) (i64.const 0xFFF8000000000000))
    (then (return (i64.const 0xFFF8000000000000))))
  (call $share (call $index (i64.load (local.get $others)) (local.get $name))))

;; Where the variable is to be stored; made if it is new.
(func $session_slot (param $path i64) (param $others i32) (result i32)
  (local $name i64) (local $slot i32)
  (local.set $name (call $variable_name (local.get $path)))
  (local.set $slot (call $named_slot (local.get $name)))
  (if (local.get $slot) (then (return (local.get $slot))))
  (call $step (local.get $others) (local.get $name)))
