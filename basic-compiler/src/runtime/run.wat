;; Procedures that may hear, and the outcome of a turn.
;;
;; Such a procedure is a function from its frame to a status: 0 it returned (its value in $result) or
;; failed ($failed), 1 it called (a new frame is on top), 2 it hears, 3 the dialog ends. The
;; trampoline calls whatever frame is on top, so the Wasm stack is empty at every HEAR.
;;
;; Frame: +0 procedure (low half) and block to go on at (high half), +8 the caller's frame, +16 variables.
;; Procedure record: +0 name, +4 label, +8 script (texts), +12 slots of a frame, +16 names of its variables
;; (one text each), +20 number of resume points, +24 the points (text, block), +28 number of reads,
;; +32 the reads: (line, name of a variable that the line reads, its place among the values of a failure),
;; +36 number of PARAMs, whose arguments are the first variables.

(type $procedure (func (param i32) (result i32)))
(global $result (mut i64) (i64.const 0xFFF8000000000000))

;; The record of procedure `i`.
(func $record (param $i i32) (result i32)
  (i32.add (global.get $procedures) (i32.mul (local.get $i) (i32.const 40))))

;; A new frame on top, for procedure `i`; its caller goes on at `block`. Fails with "too-deep".
(func $push_frame (param $i i32) (param $block i32) (result i32)
  (local $frame i32)
  (local.set $frame (call $enter (i32.load offset=12 (call $record (local.get $i)))))
  (if (global.get $failed)
    (then
      (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
      (return (local.get $frame))))
  (if (global.get $current)
    (then (i32.store offset=4 (global.get $current) (local.get $block))))
  (i64.store (local.get $frame) (i64.extend_i32_u (local.get $i)))
  (i64.store offset=8 (local.get $frame) (i64.extend_i32_u (global.get $current)))
  (global.set $current (local.get $frame))
  (local.get $frame))

;; Runs the frame on top until the dialog hears (2), ends (3) or fails (0, with $failed).
(func $run (result i32)
  (local $status i32) (local $frame i32)
  (loop $next
    (local.set $frame (global.get $current))
    (local.set $status (call_indirect (type $procedure) (local.get $frame) (i32.load (local.get $frame))))
    (br_if $next (i32.eq (local.get $status) (i32.const 1)))
    (if (i32.eqz (local.get $status))
      (then
        (global.set $current (i32.load offset=8 (local.get $frame)))
        (call $leave (local.get $frame))
        (br_if $next (global.get $current))
        (local.set $status (i32.const 3)))))
  (if (i32.eq (global.get $failed) (i32.const 255)) (then (global.set $failed (i32.const 0)) (return (i32.const 3))))
  (if (global.get $failed) (then (return (i32.const 0))))
  (local.get $status))

;; Runs, and writes the outcome where the host reads it.
(func $turn (result i32)
  (local $out i32) (local $status i32)
  (if (i32.eqz (global.get $failed)) (then (local.set $status (call $run))))
  ;; Not before: a compaction would give its place to something else.
  (local.set $out (call $allocate (i32.const 48)))
  (memory.fill (local.get $out) (i32.const 0) (i32.const 48))
  (if (i32.eq (local.get $status) (i32.const 2))
    (then
      (call $put_nodes (i32.add (local.get $out) (i32.const 36)) (call $globals_out))
      (call $put_frames (i32.add (local.get $out) (i32.const 4)))
      (memory.copy (i32.add (local.get $out) (i32.const 12)) (global.get $expects) (i32.const 24))))
  (if (i32.eq (local.get $status) (i32.const 3))
    (then
      (i32.store (local.get $out) (i32.const 1))
      (call $put_nodes (i32.add (local.get $out) (i32.const 4)) (call $globals_out))))
  (if (global.get $failed) (then (call $put_failure (local.get $out))))
  (local.get $out))

(func $put_failure (param $out i32)
  (local $first i32) (local $entry i32) (local $stack i32) (local $at i32) (local $code i32)
  (i32.store (local.get $out) (i32.const 2))
  (local.set $code (i32.add (global.get $failures) (i32.shl (global.get $failed) (i32.const 3))))
  (call $put_text (i32.add (local.get $out) (i32.const 4))
    (select (global.get $fault_code) (i64.load32_u (local.get $code)) (i32.eq (global.get $failed) (i32.const 2))))
  (call $put_text (i32.add (local.get $out) (i32.const 12)) (call $failure_message))
  (local.set $first (i32.load (i32.const 128)))
  (call $put_text (i32.add (local.get $out) (i32.const 20)) (i64.load32_u offset=8 (local.get $first)))
  (i32.store offset=28 (local.get $out) (i32.load (i32.const 132)))
  (local.set $stack (call $allocate (i32.const 512)))
  (local.set $at (local.get $stack))
  (local.set $entry (i32.const 128))
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $entry) (global.get $trace_end)))
      (call $put_text (local.get $at)
        (call $concat
          (call $concat (i64.load32_u offset=4 (i32.load (local.get $entry))) (call $digits (f64.convert_i32_u (i32.load offset=4 (local.get $entry)))))
          (global.get $closing)))
      (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br $next)))
  (i32.store offset=32 (local.get $out) (local.get $stack))
  (i32.store offset=36 (local.get $out) (i32.shr_u (i32.sub (local.get $at) (local.get $stack)) (i32.const 3)))
  (call $put_values (local.get $out) (local.get $first)))

;; The variables that the failing line of a procedure (its record) reads, each with its value as a short text.
(func $put_values (param $out i32) (param $record i32)
  (local $read i32) (local $left i32) (local $values i32) (local $at i32)
  (local.set $values (call $allocate (i32.const 1280)))
  (local.set $at (local.get $values))
  (local.set $left (i32.load offset=28 (local.get $record)))
  (local.set $read (i32.load offset=32 (local.get $record)))
  (block $done
    (loop $next
      (br_if $done (i32.eqz (local.get $left)))
      (if (i32.eq (i32.load (local.get $read)) (i32.load (i32.const 132)))
        (then
          (call $put_text (local.get $at) (i64.load32_u offset=4 (local.get $read)))
          (call $put_text (i32.add (local.get $at) (i32.const 8))
            (call $shown (i64.load offset=384 (i32.shl (i32.load offset=8 (local.get $read)) (i32.const 3)))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))))
      (local.set $read (i32.add (local.get $read) (i32.const 12)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br $next)))
  (i32.store offset=40 (local.get $out) (local.get $values))
  (i32.store offset=44 (local.get $out) (i32.shr_u (i32.sub (local.get $at) (local.get $values)) (i32.const 4))))

;; A value as its author is shown it: a text in quotes, only the beginning of a long one; a small list or map as
;; JSON, of a large one the size.
(func $shown (param $v i64) (result i64)
  (local $length i32) (local $shown i32) (local $failed i32)
  (if (i64.eq (local.get $v) (i64.const 0xFFF8000000000000)) (then (return (global.get $null_text))))
  (if (i64.lt_u (local.get $v) (i64.const 0xFFF9000000000000)) (then (return (call $to_text (local.get $v)))))
  (local.set $length (call $length (local.get $v)))
  (if (i32.eq (call $tag (local.get $v)) (i32.const 0xFFF9))
    (then
      (local.set $shown (call $skip (call $at (local.get $v)) (local.get $length) (f64.const 100)))
      (return
        (call $concat
          (call $concat (global.get $quote) (call $text_copy (call $at (local.get $v)) (local.get $shown)))
          (select (global.get $quote) (global.get $cut_short) (i32.eq (local.get $shown) (local.get $length)))))))
  (if (i32.ge_s (call $left_of (i32.const 400) (local.get $v)) (i32.const 0))
    (then
      ;; Nothing is written while a failure stands.
      (local.set $failed (global.get $failed))
      (global.set $failed (i32.const 0))
      (local.set $v (call $to_text (local.get $v)))
      (global.set $failed (local.get $failed))
      (return (local.get $v))))
  (call $concat
    (select (global.get $a_list_of) (global.get $a_map_of) (i32.eq (call $tag (local.get $v)) (i32.const 0xFFFA)))
    (call $digits (f64.convert_i32_u (local.get $length)))))

;; What is left of so many bytes when `v` is written; below 0 if it needs more.
(func $left_of (param $bytes i32) (param $v i64) (result i32)
  (local $left i32) (local $from i32)
  (local.set $bytes (i32.sub (local.get $bytes) (i32.const 8)))
  (if (i64.lt_u (local.get $v) (i64.const 0xFFF9000000000000)) (then (return (local.get $bytes))))
  (local.set $left (call $length (local.get $v)))
  (if (i32.eq (call $tag (local.get $v)) (i32.const 0xFFF9))
    (then (return (i32.sub (local.get $bytes) (select (local.get $left) (i32.const 400) (i32.lt_u (local.get $left) (i32.const 400)))))))
  (local.set $from (i32.load offset=8 (i32.wrap_i64 (local.get $v))))
  (block $done
    (loop $next
      (br_if $done (i32.or (i32.eqz (local.get $left)) (i32.lt_s (local.get $bytes) (i32.const 0))))
      (if (i32.eq (call $tag (local.get $v)) (i32.const 0xFFFB))
        (then
          (local.set $bytes (call $left_of (local.get $bytes)
            (i64.or (i64.const 0xFFF9000000000000) (i64.load32_u offset=8 (local.get $from)))))
          (local.set $from (i32.add (local.get $from) (i32.const 8)))))
      (local.set $bytes (call $left_of (local.get $bytes) (i64.load offset=8 (local.get $from))))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br $next)))
  (local.get $bytes))

;; The failure's sentence, with the value it is about. The host, THROW, ASSERT and PARAM (15 to 19) bring their own
;; sentence.
(func $failure_message (result i64)
  (local $sentence i64) (local $detail i64)
  (local.set $detail (global.get $failed_detail))
  (if (i32.and
        (i64.ne (local.get $detail) (i64.const 0xFFF8000000000000))
        (i32.or (i32.eq (global.get $failed) (i32.const 2))
          (i32.lt_u (i32.sub (global.get $failed) (i32.const 15)) (i32.const 5))))
    (then (return (local.get $detail))))
  (local.set $sentence
    (i64.or (i64.const 0xFFF9000000000000)
      (i64.load32_u offset=4 (i32.add (global.get $failures) (i32.shl (global.get $failed) (i32.const 3))))))
  (if (i64.ne (global.get $failed_in) (i64.const 0xFFF8000000000000))
    (then (local.set $sentence (call $concat (call $concat (global.get $failed_in) (global.get $colon)) (local.get $sentence)))))
  (if (i64.eq (local.get $detail) (i64.const 0xFFF8000000000000)) (then (return (local.get $sentence))))
  (call $concat (call $concat (local.get $sentence) (global.get $colon)) (call $shown (local.get $detail))))

;; Writes all frames, outermost first, as the list of a suspension.
(func $put_frames (param $to i32)
  (local $frame i32) (local $n i32) (local $at i32)
  (local.set $frame (global.get $current))
  (loop $count
    (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (local.set $frame (i32.load offset=8 (local.get $frame)))
    (br_if $count (local.get $frame)))
  (local.set $at (call $allocate (i32.mul (local.get $n) (i32.const 24))))
  (i32.store (local.get $to) (local.get $at))
  (i32.store offset=4 (local.get $to) (local.get $n))
  (local.set $frame (global.get $current))
  (local.set $at (i32.add (local.get $at) (i32.mul (local.get $n) (i32.const 24))))
  (loop $next
    (local.set $at (i32.sub (local.get $at) (i32.const 24)))
    (call $put_frame (local.get $at) (local.get $frame))
    (local.set $frame (i32.load offset=8 (local.get $frame)))
    (br_if $next (local.get $frame))))

(func $put_frame (param $to i32) (param $frame i32)
  (local $record i32) (local $point i32) (local $i i32) (local $n i32) (local $node i32)
  (local.set $record (call $record (i32.load (local.get $frame))))
  (call $put_text (local.get $to) (i64.load32_u (local.get $record)))
  (local.set $point (i32.load offset=24 (local.get $record)))
  (block $found
    (loop $next
      (br_if $found (i32.eq (i32.load offset=4 (local.get $point)) (i32.load offset=4 (local.get $frame))))
      (local.set $point (i32.add (local.get $point) (i32.const 8)))
      (br $next)))
  (call $put_text (i32.add (local.get $to) (i32.const 8)) (i64.load32_u (local.get $point)))
  (local.set $node (call $node (i32.const 5)))
  (i32.store offset=16 (local.get $to) (local.get $node))
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (i32.add (local.get $i) (i32.const 2)) (i32.load offset=12 (local.get $record))))
      (if (i64.ne (i64.load offset=16 (i32.add (local.get $frame) (i32.shl (local.get $i) (i32.const 3)))) (i64.const 0xFFF8000000000000))
        (then
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (call $lower_text (i64.load32_u (i32.add (i32.load offset=16 (local.get $record)) (i32.shl (local.get $i) (i32.const 2)))))
          (call $lower_within (i64.load offset=16 (i32.add (local.get $frame) (i32.shl (local.get $i) (i32.const 3)))) (i32.const 200))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (i32.store offset=8 (local.get $node) (local.get $n))
  (i32.store offset=20 (local.get $to) (i32.shr_u (i32.sub (global.get $top) (local.get $node)) (i32.const 4))))

;; The export `start`.
(func $start (param $entry i32) (param $entry_n i32) (param $arguments i32) (param $arguments_n i32) (param $globals i32) (param $globals_n i32) (result i32)
  (local $i i32)
  (call $begin)
  (call $globals_in (local.get $globals) (local.get $globals_n))
  (local.set $i (call $name_find (global.get $scripts) (global.get $scripts_count) (i32.const -1) (local.get $entry) (local.get $entry_n)))
  (if (i32.eq (local.get $i) (i32.const -1))
    (then (call $fail (i32.const 12) (call $text_copy (local.get $entry) (local.get $entry_n))))
    (else
      (drop (call $push_frame (local.get $i) (i32.const 0)))
      (call $take_arguments (call $record (local.get $i)) (local.get $arguments) (local.get $arguments_n))))
  (call $turn))

;; Gives the frame on top the arguments that the host sends, a list. What is too much is left out.
(func $take_arguments (param $record i32) (param $nodes i32) (param $nodes_n i32)
  (local $list i64) (local $i i32)
  (if (i32.or (global.get $failed) (i32.eqz (local.get $nodes_n))) (then (return)))
  (local.set $list (call $lift (local.get $nodes)))
  (if (i32.ne (call $tag (local.get $list)) (i32.const 0xFFFA)) (then (return)))
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $i) (call $length (local.get $list))))
      (br_if $done (i32.ge_u (local.get $i) (i32.load offset=36 (local.get $record))))
      (i64.store offset=16 (i32.add (global.get $current) (i32.shl (local.get $i) (i32.const 3)))
        (call $item (local.get $list) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next))))

;; The export `resume`.
(func $resume (param $frames i32) (param $frames_n i32)
  (param $kind i32) (param $choices i32) (param $choices_n i32) (param $open i32) (param $fallback i32) (param $fallback_n i32)
  (param $globals i32) (param $globals_n i32) (param $reply i32) (param $reply_n i32) (result i32)
  (call $begin)
  (call $globals_in (local.get $globals) (local.get $globals_n))
  (block $done
    (loop $next
      (br_if $done (i32.eqz (local.get $frames_n)))
      (call $restore (local.get $frames))
      (br_if $done (global.get $failed))
      (local.set $frames (i32.add (local.get $frames) (i32.const 24)))
      (local.set $frames_n (i32.sub (local.get $frames_n) (i32.const 1)))
      (br $next)))
  (if (local.get $reply_n) (then (global.set $result (call $lift (local.get $reply)))))
  (call $turn))

(func $begin
  (if (i32.eqz (global.get $top)) (then (global.set $top (global.get $arena))))
  (call $set_compact_at (i32.const 0)))

;; One frame of a suspension, put back on the stack.
(func $restore (param $at i32)
  (local $i i32) (local $frame i32) (local $record i32) (local $point i32) (local $left i32) (local $slot i32)
  (local.set $i (call $procedure_find (i32.load (local.get $at)) (i32.load offset=4 (local.get $at))))
  (if (i32.eq (local.get $i) (i32.const -1)) (then (call $fail (i32.const 13) (i64.const 0xFFF8000000000000)) (return)))
  (local.set $record (call $record (local.get $i)))
  (local.set $frame (call $push_frame (local.get $i) (i32.const 0)))
  (if (global.get $failed) (then (return)))
  (if (i32.load offset=8 (local.get $frame))
    (then (call $keep_block (i32.load offset=8 (local.get $frame)))))
  (local.set $point (call $point_find (local.get $record) (i32.load offset=8 (local.get $at)) (i32.load offset=12 (local.get $at))))
  (if (i32.eqz (local.get $point)) (then (call $fail (i32.const 13) (i64.const 0xFFF8000000000000)) (return)))
  (global.set $block (i32.load offset=4 (local.get $point)))
  (i32.store offset=4 (local.get $frame) (global.get $block))
  (local.set $left (i32.load offset=8 (i32.load offset=16 (local.get $at))))
  (global.set $cursor (i32.add (i32.load offset=16 (local.get $at)) (i32.const 16)))
  (local.set $slot (i32.const -1))
  (loop $next
    (if (local.get $left)
      (then
        (local.set $slot (call $name_find (i32.load offset=16 (local.get $record))
          (i32.sub (i32.load offset=12 (local.get $record)) (i32.const 2)) (local.get $slot)
          (i32.load offset=8 (global.get $cursor)) (i32.load offset=12 (global.get $cursor))))
        (global.set $cursor (i32.add (global.get $cursor) (i32.const 16)))
        (call $name_store (i32.add (local.get $frame) (i32.const 16)) (local.get $slot) (call $lift_next))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $next)))))

;; The block that $restore gave the caller, which $push_frame overwrote.
(global $block (mut i32) (i32.const 0))
(func $keep_block (param $frame i32)
  (i32.store offset=4 (local.get $frame) (global.get $block)))

(func $procedure_find (param $at i32) (param $length i32) (result i32)
  (local $i i32) (local $name i32)
  (loop $next
    (if (i32.eq (local.get $i) (global.get $procedures_count)) (then (return (i32.const -1))))
    (local.set $name (i32.load (call $record (local.get $i))))
    (if (call $bytes_equal (local.get $at) (local.get $length)
          (i32.add (i32.load offset=8 (local.get $name)) (i32.const 16)) (i32.load offset=4 (local.get $name)))
      (then (return (local.get $i))))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br $next))
  (unreachable))

(func $point_find (param $record i32) (param $at i32) (param $length i32) (result i32)
  (local $point i32) (local $left i32) (local $name i32)
  (local.set $point (i32.load offset=24 (local.get $record)))
  (local.set $left (i32.load offset=20 (local.get $record)))
  (loop $next
    (if (i32.eqz (local.get $left)) (then (return (i32.const 0))))
    (local.set $name (i32.load (local.get $point)))
    (if (call $bytes_equal (local.get $at) (local.get $length)
          (i32.add (i32.load offset=8 (local.get $name)) (i32.const 16)) (i32.load offset=4 (local.get $name)))
      (then (return (local.get $point))))
    (local.set $point (i32.add (local.get $point) (i32.const 8)))
    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
    (br $next))
  (unreachable))

;; What a HEAR takes, for the host: written where `expects` is read from.
(func $expect (param $kind i32) (param $open i32) (param $choices i64) (param $fallback i64)
  (memory.fill (global.get $expects) (i32.const 0) (i32.const 24))
  (i32.store8 (global.get $expects) (local.get $kind))
  (i32.store8 offset=12 (global.get $expects) (local.get $open))
  (if (i64.ne (local.get $choices) (i64.const 0xFFF8000000000000)) (then (call $put_choices (local.get $choices) (local.get $open))))
  (call $put_nodes (i32.add (global.get $expects) (i32.const 16)) (call $lower (local.get $fallback))))

;; The options of a menu: the items of a list, those that are lists themselves item by item. NULL and empty texts are none.
(func $put_choices (param $choices i64) (param $open i32)
  (local $i i32) (local $j i32) (local $v i64) (local $flat i64) (local $at i32)
  (local.set $flat (call $list_new (i32.const 8)))
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $i) (call $length (local.get $choices))))
      (local.set $v (call $item (local.get $choices) (local.get $i)))
      (if (i32.eq (call $tag (local.get $v)) (i32.const 0xFFFA))
        (then
          (local.set $j (i32.const 0))
          (block $end
            (loop $inner
              (br_if $end (i32.eq (local.get $j) (call $length (local.get $v))))
              (call $add_choice (local.get $flat) (call $item (local.get $v) (local.get $j)))
              (local.set $j (i32.add (local.get $j) (i32.const 1)))
              (br $inner))))
        (else (call $add_choice (local.get $flat) (local.get $v))))
      (br_if $done (global.get $failed))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (local.set $i (call $length (local.get $flat)))
  (if (i32.eqz (i32.or (local.get $i) (local.get $open))) (then (call $fail (i32.const 21) (i64.const 0xFFF8000000000000))))
  (if (global.get $failed) (then (return)))
  (local.set $at (call $allocate (i32.shl (local.get $i) (i32.const 3))))
  (i32.store offset=4 (global.get $expects) (local.get $at))
  (i32.store offset=8 (global.get $expects) (local.get $i))
  (local.set $j (i32.const 0))
  (block $end
    (loop $next
      (br_if $end (i32.eq (local.get $j) (local.get $i)))
      (call $put_text (i32.add (local.get $at) (i32.shl (local.get $j) (i32.const 3))) (call $item (local.get $flat) (local.get $j)))
      (local.set $j (i32.add (local.get $j) (i32.const 1)))
      (br $next))))

(func $add_choice (param $choices i64) (param $v i64)
  (local.set $v (call $to_text (local.get $v)))
  (if (call $length (local.get $v)) (then (call $list_push (local.get $choices) (local.get $v)))))
