;; A dialog that gives back what it is given: the least that a turn with these types can cost.
(module
  (memory (export "memory") 4)
  (global $heap (mut i32) (i32.const 4096))

  ;; Memory is only ever taken; an instance lives for one call.
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  ;; Ends at once; the globals count as changed.
  (func (export "start")
    (param $entry i32) (param $entry_length i32) (param $arguments i32) (param $argument_count i32)
    (param $globals i32) (param $global_count i32) (result i32)
    (i32.store8 (i32.const 1024) (i32.const 1))
    (i32.store offset=4 (i32.const 1024) (local.get $globals))
    (i32.store offset=8 (i32.const 1024) (local.get $global_count))
    (i32.const 1024))

  ;; Waits at the same HEAR again; the globals count as changed.
  (func (export "resume")
    (param $frames i32) (param $frame_count i32)
    (param $kind i32) (param $choices i32) (param $choice_count i32) (param $open i32)
    (param $fallback i32) (param $fallback_count i32)
    (param $globals i32) (param $global_count i32) (param $reply i32) (param $reply_count i32) (result i32)
    (i32.store8 (i32.const 1024) (i32.const 0))
    (i32.store offset=4 (i32.const 1024) (local.get $frames))
    (i32.store offset=8 (i32.const 1024) (local.get $frame_count))
    (i32.store8 offset=12 (i32.const 1024) (local.get $kind))
    (i32.store offset=16 (i32.const 1024) (local.get $choices))
    (i32.store offset=20 (i32.const 1024) (local.get $choice_count))
    (i32.store8 offset=24 (i32.const 1024) (local.get $open))
    (i32.store offset=28 (i32.const 1024) (local.get $fallback))
    (i32.store offset=32 (i32.const 1024) (local.get $fallback_count))
    (i32.store offset=36 (i32.const 1024) (local.get $globals))
    (i32.store offset=40 (i32.const 1024) (local.get $global_count))
    (i32.const 1024)))
