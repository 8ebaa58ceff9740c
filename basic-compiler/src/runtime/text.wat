;; Texts: UTF-8, positions in Unicode scalars.

(func $bytes_new (param $capacity i32) (result i32)
  (local $at i32)
  (local.set $at (call $allocate (i32.add (local.get $capacity) (i32.const 16))))
  (i32.store (local.get $at) (i32.const 2))
  (i32.store offset=4 (local.get $at) (local.get $capacity))
  (i32.store offset=8 (local.get $at) (local.get $capacity))
  (i32.store offset=12 (local.get $at) (i32.const 0))
  (local.get $at))

;; The text that is the first `length` bytes of a bytes object.
(func $text_of (param $length i32) (param $bytes i32) (result i64)
  (local $at i32)
  ;; As $allocate does, without the call.
  (local.set $at (global.get $top))
  (global.set $top (i32.add (local.get $at) (i32.const 16)))
  (if (i32.gt_u (global.get $top) (global.get $grown)) (then (drop (call $room (local.get $at) (i32.const 16)))))
  (i32.store (local.get $at) (i32.const 1))
  (i32.store offset=4 (local.get $at) (local.get $length))
  (i64.store offset=8 (local.get $at) (i64.extend_i32_u (local.get $bytes)))
  (i64.or (i64.const 0xFFF9000000000000) (i64.extend_i32_u (local.get $at))))

;; The text whose `length` bytes the host wrote to `at`, a block of $cabi_realloc.
(func $text_from_host (param $at i32) (param $length i32) (result i64)
  (if (i32.eqz (local.get $length)) (then (return (global.get $empty))))
  (call $text_of (local.get $length) (i32.sub (local.get $at) (i32.const 16))))

(func $text_copy (param $at i32) (param $length i32) (result i64)
  (local $text i64)
  (if (i32.eqz (local.get $length)) (then (return (global.get $empty))))
  (local.set $text (call $text_new (local.get $length) (local.get $length)))
  (call $copy (call $at (local.get $text)) (local.get $at) (local.get $length))
  (local.get $text))

;; A text of `length` bytes, which are still to be written, with room for `capacity`: both objects in one go.
(func $text_new (param $length i32) (param $capacity i32) (result i64)
  (local $text i32) (local $end i32)
  ;; As $allocate does, without the call.
  (local.set $text (global.get $top))
  (local.set $end (i32.and (i32.add (i32.add (local.get $text) (local.get $capacity)) (i32.const 39)) (i32.const -8)))
  (if (i32.or (i32.gt_u (local.get $capacity) (i32.const 0x20000000)) (i32.gt_u (local.get $end) (global.get $grown)))
    (then (local.set $end (call $room (local.get $text) (i32.add (local.get $capacity) (i32.const 32))))))
  (global.set $top (local.get $end))
  (i32.store (local.get $text) (i32.const 1))
  (i32.store offset=4 (local.get $text) (local.get $length))
  (i64.store offset=8 (local.get $text) (i64.extend_i32_u (i32.add (local.get $text) (i32.const 16))))
  (i32.store offset=16 (local.get $text) (i32.const 2))
  (i32.store offset=20 (local.get $text) (local.get $capacity))
  (i64.store offset=24 (local.get $text) (i64.extend_i32_u (local.get $length)))
  (i64.or (i64.const 0xFFF9000000000000) (i64.extend_i32_u (local.get $text))))

;; Where a text's bytes begin.
(func $at (@inline) (param $text i64) (result i32)
  (i32.add (i32.load offset=8 (i32.wrap_i64 (local.get $text))) (i32.const 16)))

;; A text's length in bytes.
(func $length (@inline) (param $text i64) (result i32)
  (i32.load offset=4 (i32.wrap_i64 (local.get $text))))

;; `a` and `b` joined.
(func $concat (param $a i64) (param $b i64) (result i64)
  (if (i32.eqz (call $length (local.get $b))) (then (return (local.get $a))))
  (if (i32.eqz (call $length (local.get $a))) (then (return (local.get $b))))
  (call $append (local.get $a) (call $at (local.get $b)) (call $length (local.get $b))))

;; `a` and the `nb` bytes at `from` joined. If `a` ends where its bytes object's used part ends, and there is room,
;; they are written there: nobody else sees those bytes. So appending in a loop is linear.
(func $append (param $a i64) (param $from i32) (param $nb i32) (result i64)
  (local $na i32) (local $bytes i32)
  (local.set $na (call $length (local.get $a)))
  (local.set $bytes (i32.load offset=8 (i32.wrap_i64 (local.get $a))))
  (if (i32.eqz (call $has_room (local.get $bytes) (local.get $na) (local.get $nb)))
    (then (return (call $append_elsewhere (local.get $a) (local.get $from) (local.get $nb)))))
  (call $write_behind (local.get $bytes) (local.get $na) (local.get $from) (local.get $nb))
  (call $text_of (i32.add (local.get $na) (local.get $nb)) (local.get $bytes)))

;; The same where nobody else has `a`, a text that was made a moment ago: it becomes the longer one itself.
(func $extend (param $a i64) (param $from i32) (param $nb i32) (result i64)
  (local $na i32) (local $bytes i32)
  (local.set $na (call $length (local.get $a)))
  (local.set $bytes (i32.load offset=8 (i32.wrap_i64 (local.get $a))))
  (if (i32.eqz (call $has_room (local.get $bytes) (local.get $na) (local.get $nb)))
    (then (return (call $append_elsewhere (local.get $a) (local.get $from) (local.get $nb)))))
  (call $write_behind (local.get $bytes) (local.get $na) (local.get $from) (local.get $nb))
  (i32.store offset=4 (i32.wrap_i64 (local.get $a)) (i32.add (local.get $na) (local.get $nb)))
  (i32.store offset=12 (i32.wrap_i64 (local.get $a)) (i32.const 0))
  (local.get $a))

;; Whether the used part of a bytes object ends after `na` bytes, with room for `nb` more.
(func $has_room (@inline) (param $bytes i32) (param $na i32) (param $nb i32) (result i32)
  (i32.and
    (i32.and (i32.ge_u (local.get $bytes) (global.get $arena)) (i32.eq (i32.load offset=8 (local.get $bytes)) (local.get $na)))
    (i32.ge_u (i32.load offset=4 (local.get $bytes)) (i32.add (local.get $na) (local.get $nb)))))

;; Writes the `nb` bytes at `from` behind the `na` used ones.
(func $write_behind (@inline) (param $bytes i32) (param $na i32) (param $from i32) (param $nb i32)
  (i32.store offset=8 (local.get $bytes) (i32.add (local.get $na) (local.get $nb)))
  ;; Where there is room for eight bytes, a few are as good as eight: what is behind the used part is nobody's.
  (if (i32.and (i32.le_u (local.get $nb) (i32.const 8))
        (i32.ge_u (i32.load offset=4 (local.get $bytes)) (i32.add (local.get $na) (i32.const 8))))
    (then (i64.store offset=16 (i32.add (local.get $bytes) (local.get $na)) (i64.load (local.get $from))))
    (else (call $copy (i32.add (i32.add (local.get $bytes) (i32.const 16)) (local.get $na)) (local.get $from) (local.get $nb)))))

;; Appends to a copy of `a`, which has room for half as much again, but no more than 256 KiB: memory is small.
(func $append_elsewhere (param $a i64) (param $from i32) (param $nb i32) (result i64)
  (local $na i32) (local $n i32) (local $capacity i32) (local $to i32) (local $text i64)
  (local.set $na (call $length (local.get $a)))
  (local.set $n (i32.add (local.get $na) (local.get $nb)))
  (local.set $capacity (i32.add (i32.shr_u (local.get $n) (i32.const 1)) (i32.const 15)))
  (if (i32.gt_u (local.get $capacity) (i32.const 0x40000)) (then (local.set $capacity (i32.const 0x40000))))
  (local.set $capacity (i32.and (i32.add (local.get $n) (local.get $capacity)) (i32.const -8)))
  (local.set $text (call $text_new (local.get $n) (local.get $capacity)))
  (local.set $to (call $at (local.get $text)))
  (if (i32.and (i32.le_u (local.get $na) (i32.const 8)) (i32.le_u (local.get $nb) (i32.const 8)))
    (then
      (i64.store (local.get $to) (i64.load (call $at (local.get $a))))
      (i64.store (i32.add (local.get $to) (local.get $na)) (i64.load (local.get $from))))
    (else
      (call $copy (local.get $to) (call $at (local.get $a)) (local.get $na))
      (call $copy (i32.add (local.get $to) (local.get $na)) (local.get $from) (local.get $nb))))
  (local.get $text))


;; Copies `n` bytes to a place behind them or apart from them: few of them without `memory.copy`, whose call costs more.
(func $copy (param $to i32) (param $from i32) (param $n i32)
  (local $last i32)
  (if (i32.gt_u (local.get $n) (i32.const 64))
    (then (memory.copy (local.get $to) (local.get $from) (local.get $n)) (return)))
  (if (i32.ge_u (local.get $n) (i32.const 8))
    (then
      (local.set $last (i32.sub (i32.add (local.get $from) (local.get $n)) (i32.const 8)))
      (block $done
        (loop $next
          (br_if $done (i32.ge_u (local.get $from) (local.get $last)))
          (i64.store (local.get $to) (i64.load (local.get $from)))
          (local.set $to (i32.add (local.get $to) (i32.const 8)))
          (local.set $from (i32.add (local.get $from) (i32.const 8)))
          (br $next)))
      ;; The last eight may be some of those before.
      (i64.store (i32.sub (local.get $to) (i32.sub (local.get $from) (local.get $last))) (i64.load (local.get $last)))
      (return)))
  (if (i32.ge_u (local.get $n) (i32.const 4))
    (then
      (local.set $last (i32.sub (local.get $n) (i32.const 4)))
      (i32.store (local.get $to) (i32.load (local.get $from)))
      (i32.store (i32.add (local.get $to) (local.get $last)) (i32.load (i32.add (local.get $from) (local.get $last))))
      (return)))
  (if (i32.eqz (local.get $n)) (then (return)))
  (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
  (local.set $last (i32.shr_u (local.get $n) (i32.const 1)))
  (i32.store8 (i32.add (local.get $to) (local.get $last)) (i32.load8_u (i32.add (local.get $from) (local.get $last))))
  (local.set $last (i32.sub (local.get $n) (i32.const 1)))
  (i32.store8 (i32.add (local.get $to) (local.get $last)) (i32.load8_u (i32.add (local.get $from) (local.get $last)))))

;; `text` with the number `n` behind it: always a text that nobody else has.
(func $append_number (param $text i64) (param $n f64) (result i64)
  (local $digits i32) (local $na i32) (local $nb i32) (local $bytes i32)
  (if (call $is_short (local.get $n))
    (then
      (local.set $digits (call $write_digits (local.get $n)))
      (local.set $na (call $length (local.get $text)))
      (local.set $nb (i32.sub (i32.const 96) (local.get $digits)))
      (local.set $bytes (i32.load offset=8 (i32.wrap_i64 (local.get $text))))
      (if (i32.eqz (call $has_room (local.get $bytes) (local.get $na) (local.get $nb)))
        (then (return (call $append_elsewhere (local.get $text) (local.get $digits) (local.get $nb)))))
      (call $write_behind (local.get $bytes) (local.get $na) (local.get $digits) (local.get $nb))
      (return (call $text_of (i32.add (local.get $na) (local.get $nb)) (local.get $bytes)))))
  (call $concat (local.get $text) (call $to_text (i64.reinterpret_f64 (local.get $n)))))

;; The same where nobody else has `text`.
(func $extend_number (param $text i64) (param $n f64) (result i64)
  (local $digits i32)
  (if (call $is_short (local.get $n))
    (then
      (local.set $digits (call $write_digits (local.get $n)))
      (return (call $extend (local.get $text) (local.get $digits) (i32.sub (i32.const 96) (local.get $digits))))))
  (call $concat (local.get $text) (call $to_text (i64.reinterpret_f64 (local.get $n)))))

;; -1, 0 or 1. Byte order is the order of Unicode scalars.
(func $text_order (param $a i64) (param $b i64) (result i32)
  (local $na i32) (local $nb i32) (local $pa i32) (local $pb i32) (local $end i32) (local $x i32) (local $y i32)
  (if (i64.eq (local.get $a) (local.get $b)) (then (return (i32.const 0))))
  (local.set $na (call $length (local.get $a)))
  (local.set $nb (call $length (local.get $b)))
  (local.set $pa (call $at (local.get $a)))
  (local.set $pb (call $at (local.get $b)))
  (local.set $end (i32.add (local.get $pa) (select (local.get $na) (local.get $nb) (i32.lt_u (local.get $na) (local.get $nb)))))
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $pa) (local.get $end)))
      (local.set $x (i32.load8_u (local.get $pa)))
      (local.set $y (i32.load8_u (local.get $pb)))
      (if (i32.ne (local.get $x) (local.get $y))
        (then (return (select (i32.const -1) (i32.const 1) (i32.lt_u (local.get $x) (local.get $y))))))
      (local.set $pa (i32.add (local.get $pa) (i32.const 1)))
      (local.set $pb (i32.add (local.get $pb) (i32.const 1)))
      (br $next)))
  (i32.sub (i32.gt_u (local.get $na) (local.get $nb)) (i32.lt_u (local.get $na) (local.get $nb))))

(func $bytes_equal (param $pa i32) (param $na i32) (param $pb i32) (param $nb i32) (result i32)
  (local $last i32)
  (if (i32.ne (local.get $na) (local.get $nb)) (then (return (i32.const 0))))
  (if (i32.ge_u (local.get $na) (i32.const 8))
    (then
      (local.set $last (i32.sub (i32.add (local.get $pa) (local.get $na)) (i32.const 8)))
      (block $done
        (loop $next
          (br_if $done (i32.ge_u (local.get $pa) (local.get $last)))
          (if (i64.ne (i64.load (local.get $pa)) (i64.load (local.get $pb))) (then (return (i32.const 0))))
          (local.set $pa (i32.add (local.get $pa) (i32.const 8)))
          (local.set $pb (i32.add (local.get $pb) (i32.const 8)))
          (br $next)))
      ;; The last eight may be some of those before.
      (return (i64.eq (i64.load (local.get $last))
        (i64.load (i32.sub (local.get $pb) (i32.sub (local.get $pa) (local.get $last))))))))
  (local.set $last (i32.add (local.get $pa) (local.get $na)))
  (loop $next
    (if (i32.eq (local.get $pa) (local.get $last)) (then (return (i32.const 1))))
    (if (i32.eq (i32.load8_u (local.get $pa)) (i32.load8_u (local.get $pb)))
      (then
        (local.set $pa (i32.add (local.get $pa) (i32.const 1)))
        (local.set $pb (i32.add (local.get $pb) (i32.const 1)))
        (br $next))))
  (i32.const 0))

;; The same where eight bytes can be read at both.
(func $short_equal (@inline) (param $pa i32) (param $na i32) (param $pb i32) (param $nb i32) (result i32)
  (if (result i32) (i32.and (i32.eq (local.get $na) (local.get $nb)) (i32.le_u (local.get $na) (i32.const 8)))
    (then (i64.eq (call $first_bytes (local.get $pa) (local.get $na)) (call $first_bytes (local.get $pb) (local.get $nb))))
    (else (call $bytes_equal (local.get $pa) (local.get $na) (local.get $pb) (local.get $nb)))))

(func $text_equal (param $a i64) (param $b i64) (result i32)
  (local $n i32)
  (if (i64.eq (local.get $a) (local.get $b)) (then (return (i32.const 1))))
  (local.set $n (call $length (local.get $a)))
  (if (i32.ne (local.get $n) (call $length (local.get $b))) (then (return (i32.const 0))))
  (if (i32.gt_u (local.get $n) (i32.const 8))
    (then (return (call $bytes_equal (call $at (local.get $a)) (local.get $n) (call $at (local.get $b)) (local.get $n)))))
  (i64.eq (call $first_bytes (call $at (local.get $a)) (local.get $n)) (call $first_bytes (call $at (local.get $b)) (local.get $n))))

;; The `n` bytes, at most eight, with which a bytes object begins; such an object has room for eight.
(func $first_bytes (@inline) (param $at i32) (param $n i32) (result i64)
  (select
    (i64.shl (i64.load (local.get $at)) (i64.extend_i32_u (i32.shl (i32.sub (i32.const 8) (local.get $n)) (i32.const 3))))
    (i64.const 0)
    (local.get $n)))

;; A text's hash, which is kept with it.
(func $hash (param $text i64) (result i32)
  (local $hash i32)
  (local.set $hash (i32.load offset=12 (i32.wrap_i64 (local.get $text))))
  (if (local.get $hash) (then (return (local.get $hash))))
  (local.set $hash (call $hash_bytes (call $at (local.get $text)) (call $length (local.get $text))))
  (i32.store offset=12 (i32.wrap_i64 (local.get $text)) (local.get $hash))
  (local.get $hash))

;; Eight bytes at a time, the last eight may be some of those before. Each is multiplied in, and the half that came out
;; well mixed, the high one, made the low one.
(func $hash_bytes (param $at i32) (param $n i32) (result i32)
  (local $h i64) (local $last i32)
  (local.set $h (i64.extend_i32_u (local.get $n)))
  (if (i32.gt_u (local.get $n) (i32.const 8))
    (then
      (local.set $last (i32.sub (i32.add (local.get $at) (local.get $n)) (i32.const 8)))
      (loop $next
        (local.set $h (call $mix (i64.xor (local.get $h) (i64.load (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $at) (local.get $last))))
      (local.set $h (call $mix (i64.xor (local.get $h) (i64.load (local.get $last))))))
    (else
      (local.set $h (call $mix (i64.xor (local.get $h) (call $first_bytes (local.get $at) (local.get $n)))))))
  (i32.wrap_i64 (call $mix (local.get $h))))

(func $mix (@inline) (param $h i64) (result i64)
  (i64.rotl (i64.mul (local.get $h) (i64.const 0x9E3779B97F4A7C15)) (i64.const 32)))

;; The number of Unicode scalars in `n` bytes.
(func $scalars (param $at i32) (param $n i32) (result i32)
  (local $count i32) (local $x i64)
  ;; Eight at a time: of every byte, whether it begins a character, that is whether it is not 10xxxxxx.
  (block $short
    (loop $next
      (br_if $short (i32.lt_u (local.get $n) (i32.const 8)))
      (local.set $x (i64.load (local.get $at)))
      (local.set $count (i32.add (local.get $count) (i32.wrap_i64 (i64.popcnt (i64.and
        (i64.or (i64.xor (i64.shr_u (local.get $x) (i64.const 7)) (i64.const -1)) (i64.shr_u (local.get $x) (i64.const 6)))
        (i64.const 0x0101010101010101))))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (local.set $n (i32.sub (local.get $n) (i32.const 8)))
      (br $next)))
  (block $done
    (loop $next
      (br_if $done (i32.eqz (local.get $n)))
      (local.set $count (i32.add (local.get $count)
        (i32.ne (i32.and (i32.load8_u (local.get $at)) (i32.const 0xC0)) (i32.const 0x80))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $next)))
  (local.get $count))

;; How many bytes the first `count` scalars take; all, if there are fewer.
(func $skip (param $at i32) (param $n i32) (param $count f64) (result i32)
  (local $p i32)
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $p) (local.get $n)))
      (if (i32.ne (i32.and (i32.load8_u (i32.add (local.get $at) (local.get $p))) (i32.const 0xC0)) (i32.const 0x80))
        (then
          (br_if $done (f64.lt (local.get $count) (f64.const 1)))
          (local.set $count (f64.sub (local.get $count) (f64.const 1)))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br $next)))
  (local.get $p))

;; Of eight bytes, the highest bits of those that are zero: the lowest of them is certain.
(func $zero_bytes (@inline) (param $bytes i64) (result i64)
  (i64.and
    (i64.and (i64.sub (local.get $bytes) (i64.const 0x0101010101010101)) (i64.xor (local.get $bytes) (i64.const -1)))
    (i64.const 0x8080808080808080)))

;; Where `part` first stands in `text`, in bytes; -1 if nowhere.
(func $find (param $text i64) (param $part i64) (result i32)
  (call $find_from (local.get $text) (local.get $part) (i32.const 0)))

;; The same, from byte `p` on.
(func $find_from (param $text i64) (param $part i64) (param $p i32) (result i32)
  (local $last i32) (local $base i32) (local $n i32) (local $first i64) (local $found i64)
  (local.set $n (call $length (local.get $part)))
  (local.set $base (call $at (local.get $text)))
  (local.set $last (i32.sub (call $length (local.get $text)) (local.get $n)))
  (if (i32.eqz (local.get $n)) (then (return (select (local.get $p) (i32.const -1) (i32.le_s (local.get $p) (local.get $last))))))
  ;; The first byte of the part, eight times.
  (local.set $first (i64.mul (i64.load8_u (call $at (local.get $part))) (i64.const 0x0101010101010101)))
  (loop $next
    (if (i32.gt_s (local.get $p) (local.get $last)) (then (return (i32.const -1))))
    (local.set $found (i64.xor (local.get $first)
      (if (result i64) (i32.le_s (local.get $p) (i32.sub (local.get $last) (i32.const 7)))
        (then (i64.load (i32.add (local.get $base) (local.get $p))))
        (else (i64.load8_u (i32.add (local.get $base) (local.get $p)))))))
    (local.set $found (call $zero_bytes (local.get $found)))
    (if (i64.eqz (local.get $found))
      (then
        (local.set $p (i32.add (local.get $p) (select (i32.const 8) (i32.const 1) (i32.le_s (local.get $p) (i32.sub (local.get $last) (i32.const 7))))))
        (br $next)))
    (local.set $p (i32.add (local.get $p) (i32.wrap_i64 (i64.shr_u (i64.ctz (local.get $found)) (i64.const 3)))))
    (if (i32.gt_u (local.get $n) (i32.const 1))
      (then
        (if (i32.eqz (call $bytes_equal (i32.add (local.get $base) (local.get $p)) (local.get $n) (call $at (local.get $part)) (local.get $n)))
          (then
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (br $next))))))
  (local.get $p))

;; Whether a number is whole and below 10^15: it is then written in digits, without the host.
(func $is_short (@inline) (param $n f64) (result i32)
  (i32.and (f64.lt (f64.abs (local.get $n)) (f64.const 1e15)) (f64.eq (local.get $n) (f64.trunc (local.get $n)))))

;; Such a number in digits.
(func $digits (param $n f64) (result i64)
  (local $p i32)
  (local.set $p (call $write_digits (local.get $n)))
  (call $text_copy (local.get $p) (i32.sub (i32.const 96) (local.get $p))))

;; Writes such a number in digits; returns where they begin. They end at 96; a load of the eight bytes from there on waits
;; for no second store. Eight digits at a time, from the last ones on, one a byte, the first one lowest: a number of eight
;; digits is made two of four, these are made four of two, these eight of one. Each step divides all at once, by multiplying
;; and shifting.
(func $write_digits (param $n f64) (result i32)
  (local $whole i64) (local $high i64) (local $v i64) (local $q i64) (local $p i32)
  (local.set $whole (i64.trunc_sat_f64_s (f64.abs (local.get $n))))
  (local.set $p (i32.const 88))
  (loop $next
    (local.set $high (i64.const 0))
    (if (i64.ge_u (local.get $whole) (i64.const 100000000))
      (then
        (local.set $high (i64.div_u (local.get $whole) (i64.const 100000000)))
        (local.set $whole (i64.sub (local.get $whole) (i64.mul (local.get $high) (i64.const 100000000))))))
    (local.set $v (i64.extend_i32_u (i32.div_u (i32.wrap_i64 (local.get $whole)) (i32.const 10000))))
    (local.set $v (i64.or (local.get $v)
      (i64.shl (i64.sub (local.get $whole) (i64.mul (local.get $v) (i64.const 10000))) (i64.const 32))))
    (local.set $q (i64.and (i64.shr_u (i64.mul (local.get $v) (i64.const 10486)) (i64.const 20)) (i64.const 0x0000007F0000007F)))
    (local.set $v (i64.add (local.get $q)
      (i64.shl (i64.sub (local.get $v) (i64.mul (local.get $q) (i64.const 100))) (i64.const 16))))
    (local.set $q (i64.and (i64.shr_u (i64.mul (local.get $v) (i64.const 103)) (i64.const 10)) (i64.const 0x000F000F000F000F)))
    (local.set $v (i64.add (local.get $q)
      (i64.shl (i64.sub (local.get $v) (i64.mul (local.get $q) (i64.const 10))) (i64.const 8))))
    (if (i64.ne (local.get $high) (i64.const 0))
      (then
        (i64.store (local.get $p) (i64.or (local.get $v) (i64.const 0x3030303030303030)))
        (local.set $p (i32.sub (local.get $p) (i32.const 8)))
        (local.set $whole (local.get $high))
        (br $next))))
  ;; The zeros that need not be written; the last digit is written always.
  (local.set $q (i64.and (i64.ctz (i64.or (local.get $v) (i64.const 0x0100000000000000))) (i64.const 0x38)))
  (local.set $v (i64.or (local.get $v) (i64.const 0x3030303030303030)))
  (if (i32.eq (local.get $p) (i32.const 80)) (then (i64.store (i32.const 80) (local.get $v))))
  (local.set $p (i32.add (local.get $p) (i32.wrap_i64 (i64.shr_u (local.get $q) (i64.const 3)))))
  (if (i32.ge_u (local.get $p) (i32.const 88))
    (then (i64.store (local.get $p) (i64.shr_u (local.get $v) (local.get $q)))))
  (if (f64.lt (local.get $n) (f64.const 0))
    (then
      (local.set $p (i32.sub (local.get $p) (i32.const 1)))
      (i32.store8 (local.get $p) (i32.const 45))))
  (local.get $p))

;; Any value as text.
(func $to_text (param $v i64) (result i64)
  (local $n f64)
  (if (i64.lt_u (local.get $v) (i64.const 0xFFF8000000000000))
    (then
      (local.set $n (f64.reinterpret_i64 (local.get $v)))
      (if (call $is_short (local.get $n)) (then (return (call $digits (local.get $n)))))
      (call $host.number.to-text (local.get $n) (i32.const 64))
      (return (call $text_from_host (i32.load (i32.const 64)) (i32.load (i32.const 68))))))
  (if (i64.eq (i64.shr_u (local.get $v) (i64.const 48)) (i64.const 0xFFF9)) (then (return (local.get $v))))
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000000)) (then (return (global.get $empty))))
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000002)) (then (return (global.get $false_text))))
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000003)) (then (return (global.get $true_text))))
  (call $render (local.get $v)))

;; A list or map as text: the host writes it as JSON. An error is its message.
(func $render (param $v i64) (result i64)
  (local $nodes i32)
  (if (call $is_error (local.get $v))
    (then (return (call $to_text (call $index (local.get $v) (global.get $message_key))))))
  (local.set $nodes (call $lower (local.get $v)))
  (if (global.get $failed) (then (return (global.get $empty))))
  (call $host.text.render (local.get $nodes) (global.get $lowered) (i32.const 64))
  (if (i32.load8_u (i32.const 64)) (then (call $host_fault (i32.const 68)) (return (global.get $empty))))
  (call $text_from_host (i32.load (i32.const 68)) (i32.load (i32.const 72))))

;; A host function refused with the fault at `at`.
(func $host_fault (param $at i32)
  (global.set $fault_code (call $text_from_host (i32.load (local.get $at)) (i32.load offset=4 (local.get $at))))
  (call $fail (i32.const 2) (call $text_from_host (i32.load offset=8 (local.get $at)) (i32.load offset=12 (local.get $at)))))

;; `text LIKE pattern`: `%` stands for any text, `_` for any one character. Greedy, with one place to go back to.
(func $like (param $text i64) (param $pattern i64) (result i32)
  (local $t i32) (local $t_end i32) (local $p i32) (local $p_end i32) (local $back_t i32) (local $back_p i32)
  (local.set $text (call $to_text (local.get $text)))
  (local.set $pattern (call $to_text (local.get $pattern)))
  (if (global.get $failed) (then (return (i32.const 0))))
  (local.set $t (call $at (local.get $text)))
  (local.set $t_end (i32.add (local.get $t) (call $length (local.get $text))))
  (local.set $p (call $at (local.get $pattern)))
  (local.set $p_end (i32.add (local.get $p) (call $length (local.get $pattern))))
  (loop $next
    (if (i32.and (i32.lt_u (local.get $p) (local.get $p_end)) (i32.eq (i32.load8_u (local.get $p)) (i32.const 37)))
      (then
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (local.set $back_p (local.get $p))
        (local.set $back_t (local.get $t))
        (br $next)))
    (if (i32.and (i32.lt_u (local.get $t) (local.get $t_end)) (i32.lt_u (local.get $p) (local.get $p_end)))
      (then
        (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 95))
          (then
            (local.set $t (i32.add (local.get $t) (call $skip (local.get $t) (i32.sub (local.get $t_end) (local.get $t)) (f64.const 1))))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (br $next)))
        (if (i32.eq (i32.load8_u (local.get $p)) (i32.load8_u (local.get $t)))
          (then
            (local.set $t (i32.add (local.get $t) (i32.const 1)))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (br $next)))))
    (if (i32.and (i32.eq (local.get $t) (local.get $t_end)) (i32.eq (local.get $p) (local.get $p_end)))
      (then (return (i32.const 1))))
    (if (i32.and (i32.ne (local.get $back_p) (i32.const 0)) (i32.lt_u (local.get $back_t) (local.get $t_end)))
      (then
        (local.set $back_t (i32.add (local.get $back_t) (call $skip (local.get $back_t) (i32.sub (local.get $t_end) (local.get $back_t)) (f64.const 1))))
        (local.set $t (local.get $back_t))
        (local.set $p (local.get $back_p))
        (br $next))))
  (i32.const 0))
