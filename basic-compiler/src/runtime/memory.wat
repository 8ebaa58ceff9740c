;; Memory: the arena, the shadow stack, and compaction.
;;
;;   64 .. 128          what host calls return
;;   128 .. 384         the trace of a failure: (procedure record, line), innermost first
;;   384 .. 1024        values of the variables that the innermost procedure reads
;;   1024 .. 0x80000    the shadow stack: frames of 8-byte values
;;   0x80000 ..         constants, tables, the session variables; then the arena, from $arena on
;;
;; A value is 64 bits: a number is its own bits, and since numbers are always finite, the patterns
;; from 0xFFF8… on are free for the other kinds:
;;   0xFFF8… NULL (…0), FALSE (…2), TRUE (…3)   0xFFF9… text   0xFFFA… list   0xFFFB… map   (low half: address)
;;
;; Objects in the arena begin with their kind (low byte of the first word; 0x100 there: shared) and a size:
;;   1 text     length in bytes, address of its bytes object, its hash (0: not known yet)
;;   2 bytes    capacity, used; the bytes from +16. Texts may share one: a text only sees its own length of it
;;   3 list     count, address of items (0: none)
;;   4 items    capacity; values from +8
;;   5 map      count, address of entries, address of index (0: none)
;;   6 entries  capacity; (key text, hash, value) from +8
;;   7 index    slots, a power of two; entry numbers + 1 from +8
;;   255        moved: the new address

(global $sp (mut i32) (i32.const 1024))
(global $current (mut i32) (i32.const 0))
(global $depth (mut i32) (i32.const 0))
(global $top (mut i32) (i32.const 0))
(global $compact_at (mut i32) (i32.const 0))
(global $to_top (mut i32) (i32.const 0))
(global $delta (mut i32) (i32.const 0))
;; How far the memory reached when it was last looked at.
(global $grown (mut i32) (i32.const 0))

;; Room for `size` bytes, 8-aligned. Out of memory is a trap: the host knows that it refused to grow.
(func $allocate (param $size i32) (result i32)
  (local $at i32) (local $end i32)
  (local.set $at (global.get $top))
  (local.set $end (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
  (if (i32.or (i32.gt_u (local.get $size) (i32.const 0x20000000)) (i32.gt_u (local.get $end) (global.get $grown)))
    (then (local.set $end (call $room (local.get $at) (local.get $size)))))
  (global.set $top (local.get $end))
  (local.get $at))

;; `at + size`, 8-aligned, with the memory grown to hold it.
(func $room (param $at i32) (param $size i32) (result i32)
  (local $end i32)
  (if (i32.gt_u (local.get $size) (i32.const 0x20000000)) (then (unreachable)))
  (local.set $end (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
  (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
    (then
      (if (i32.eq (i32.const -1)
            (memory.grow (i32.shr_u (i32.add (i32.sub (local.get $end) (i32.shl (memory.size) (i32.const 16))) (i32.const 65535)) (i32.const 16))))
        (then (unreachable)))))
  (global.set $grown (i32.shl (memory.size) (i32.const 16)))
  (local.get $end))

;; The canonical ABI's allocator. Every block has a bytes object's header before it, so that a text that
;; arrives needs no copy. The arguments of an export arrive before its first instruction runs.
(func $cabi_realloc (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
  (local $at i32)
  (if (i32.eqz (global.get $top)) (then (global.set $top (global.get $arena))))
  (local.set $at (call $bytes_new (local.get $size)))
  (if (local.get $old)
    (then (memory.copy (i32.add (local.get $at) (i32.const 16)) (local.get $old) (local.get $old_size))))
  (i32.add (local.get $at) (i32.const 16)))

;; Fills `count` slots at `at` with NULL.
(func $fill_null (param $at i32) (param $count i32)
  (block $done
    (loop $next
      (br_if $done (i32.eqz (local.get $count)))
      (i64.store (local.get $at) (i64.const 0xFFF8000000000000))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $next))))

;; A frame of so many slots for a plain procedure; the failure "too-deep" if there is no more room, or 1 000 calls are
;; open beside the script itself.
(func $enter (param $slots i32) (result i32)
  (local $frame i32)
  (local.set $frame (global.get $sp))
  (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
  (if (i32.or (i32.gt_u (global.get $depth) (i32.const 1001))
        (i32.gt_u (i32.add (local.get $frame) (i32.shl (local.get $slots) (i32.const 3))) (i32.const 0x80000)))
    (then (call $fail (i32.const 1) (i64.const 0xFFF8000000000000)))
    (else
      (call $fill_null (local.get $frame) (local.get $slots))
      (global.set $sp (i32.add (local.get $frame) (i32.shl (local.get $slots) (i32.const 3))))))
  (local.get $frame))

;; Leaves the procedure that entered with `frame`.
(func $leave (param $frame i32)
  (global.set $sp (local.get $frame))
  (global.set $depth (i32.sub (global.get $depth) (i32.const 1))))

;; Called at the back-edge of every loop: compacts when enough was allocated since the last time.
(func $safepoint
  (if (i32.gt_u (global.get $top) (global.get $compact_at)) (then (call $compact))))

;; Moves everything that the roots reach to the start of the arena. Objects are copied behind $top with the
;; addresses that they will have (Cheney's scan), then slid down as one block.
(func $compact
  (local $to i32) (local $scan i32) (local $live i32)
  (global.set $met_map (i64.const 0))
  (local.set $to (global.get $top))
  (local.set $scan (local.get $to))
  (global.set $to_top (local.get $to))
  (global.set $delta (i32.sub (global.get $arena) (local.get $to)))
  (call $forward_slots (i32.const 1024) (i32.shr_u (i32.sub (global.get $sp) (i32.const 1024)) (i32.const 3)))
  (call $forward_slots (global.get $globals) (global.get $globals_count))
  (call $forward_slots (global.get $globals_before) (global.get $globals_count))
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $scan) (global.get $to_top)))
      (call $scan_object (local.get $scan))
      (local.set $scan (i32.add (local.get $scan) (call $object_size (local.get $scan))))
      (br $next)))
  (local.set $live (i32.sub (global.get $to_top) (local.get $to)))
  (memory.copy (global.get $arena) (local.get $to) (local.get $live))
  (global.set $top (i32.add (global.get $arena) (local.get $live)))
  (call $set_compact_at (local.get $live)))

;; The next compaction comes after twice as much garbage as there is live data, but within 256 KiB and 4 MiB; within
;; 2 MiB where the live data is large, so that it and its copy fit.
(func $set_compact_at (param $live i32)
  (local $next i32)
  (local.set $next (i32.shl (local.get $live) (i32.const 1)))
  (if (i32.lt_u (local.get $next) (i32.const 0x40000)) (then (local.set $next (i32.const 0x40000))))
  (if (i32.gt_u (local.get $next) (i32.const 0x400000))
    (then (local.set $next (select (i32.const 0x200000) (i32.const 0x400000) (i32.gt_u (local.get $live) (i32.const 0x400000))))))
  (global.set $compact_at (select (i32.const 0) (i32.add (global.get $top) (local.get $next)) (global.get $compact_always))))

(func $forward_slots (param $at i32) (param $count i32)
  (local $v i64) (local $object i32)
  (block $done
    (loop $next
      (br_if $done (i32.eqz (local.get $count)))
      (local.set $v (i64.load (local.get $at)))
      (local.set $object (i32.wrap_i64 (local.get $v)))
      (if (i64.ge_u (local.get $v) (i64.const 0xFFF9000000000000))
        (then
          (if (i32.ge_u (local.get $object) (global.get $arena))
            (then
              (i32.store (local.get $at)
                (if (result i32) (i32.eq (i32.load8_u (local.get $object)) (i32.const 255))
                  (then (i32.load offset=4 (local.get $object)))
                  (else (call $forward_object (local.get $object)))))))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $next))))

(func $forward (param $v i64) (result i64)
  (if (i64.lt_u (local.get $v) (i64.const 0xFFF9000000000000)) (then (return (local.get $v))))
  (i64.or
    (i64.and (local.get $v) (i64.const 0xFFFF000000000000))
    (i64.extend_i32_u (call $forward_object (i32.wrap_i64 (local.get $v))))))

(func $forward_object (param $at i32) (result i32)
  (local $size i32) (local $new i32) (local $kind i32)
  (if (i32.lt_u (local.get $at) (global.get $arena)) (then (return (local.get $at))))
  (local.set $kind (i32.load8_u (local.get $at)))
  (if (i32.eq (local.get $kind) (i32.const 255)) (then (return (i32.load offset=4 (local.get $at)))))
  (local.set $size (i32.const 16))
  (if (i32.eqz (i32.or (i32.eq (local.get $kind) (i32.const 1)) (i32.or (i32.eq (local.get $kind) (i32.const 3)) (i32.eq (local.get $kind) (i32.const 5)))))
    (then (local.set $size (call $object_size (local.get $at)))))
  (local.set $new (global.get $to_top))
  (global.set $to_top (i32.add (local.get $new) (local.get $size)))
  (if (i32.gt_u (global.get $to_top) (global.get $grown)) (then (drop (call $room (local.get $new) (local.get $size)))))
  (if (i32.eq (local.get $size) (i32.const 16))
    (then
      (i64.store (local.get $new) (i64.load (local.get $at)))
      (i64.store offset=8 (local.get $new) (i64.load offset=8 (local.get $at))))
    (else (call $copy (local.get $new) (local.get $at) (local.get $size))))
  (local.set $new (i32.add (local.get $new) (global.get $delta)))
  (i32.store (local.get $at) (i32.const 255))
  (i32.store offset=4 (local.get $at) (local.get $new))
  (local.get $new))

(func $object_size (param $at i32) (result i32)
  (local $kind i32) (local $n i32)
  (local.set $kind (i32.load8_u (local.get $at)))
  (local.set $n (i32.load offset=4 (local.get $at)))
  (if (i32.eq (local.get $kind) (i32.const 2))
    (then (return (i32.and (i32.add (local.get $n) (i32.const 23)) (i32.const -8)))))
  (if (i32.eq (local.get $kind) (i32.const 4))
    (then (return (i32.add (i32.shl (local.get $n) (i32.const 3)) (i32.const 8)))))
  (if (i32.eq (local.get $kind) (i32.const 6))
    (then (return (i32.add (i32.shl (local.get $n) (i32.const 4)) (i32.const 8)))))
  (if (i32.eq (local.get $kind) (i32.const 7))
    (then (return (i32.and (i32.add (i32.shl (local.get $n) (i32.const 2)) (i32.const 15)) (i32.const -8)))))
  (i32.const 16))

(func $scan_object (param $at i32)
  (local $kind i32) (local $n i32)
  (local.set $kind (i32.load8_u (local.get $at)))
  (if (i32.or (i32.eq (local.get $kind) (i32.const 1)) (i32.eq (local.get $kind) (i32.const 3)))
    (then
      (i32.store offset=8 (local.get $at) (call $forward_object (i32.load offset=8 (local.get $at))))
      (return)))
  (if (i32.eq (local.get $kind) (i32.const 4))
    (then
      (call $forward_slots (i32.add (local.get $at) (i32.const 8)) (i32.load offset=4 (local.get $at)))
      (return)))
  (if (i32.eq (local.get $kind) (i32.const 5))
    (then
      (i32.store offset=8 (local.get $at) (call $forward_object (i32.load offset=8 (local.get $at))))
      (i32.store offset=12 (local.get $at) (call $forward_object (i32.load offset=12 (local.get $at))))
      (return)))
  (if (i32.eq (local.get $kind) (i32.const 6))
    (then
      (local.set $n (i32.load offset=4 (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (block $done
        (loop $next
          (br_if $done (i32.eqz (local.get $n)))
          (i32.store (local.get $at) (call $forward_object (i32.load (local.get $at))))
          (i64.store offset=8 (local.get $at) (call $forward (i64.load offset=8 (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $next))))))
