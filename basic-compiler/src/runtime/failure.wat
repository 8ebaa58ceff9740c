;; Failures that a dialog handles itself, and the keywords that raise them and ask for them.

;; Ends a failure that came to procedure `procedure` (its record) at `line`. Gives what CATCH gets, a map of message,
;; line and script; what is kept for ERR is the failure's number and that map.
(func $catch (param $procedure i32) (param $line i32) (result i64)
  (local $error i64) (local $kept i64)
  (call $trace (local.get $procedure) (local.get $line))
  (local.set $error (call $map_new (i32.const 3)))
  (call $map_set (local.get $error) (global.get $message_key) (call $failure_message))
  (call $map_set (local.get $error) (global.get $line_key)
    (i64.reinterpret_f64 (f64.convert_i32_u (i32.load (i32.const 132)))))
  (call $map_set (local.get $error) (global.get $script_key)
    (i64.or (i64.const 0xFFF9000000000000) (i64.load32_u offset=8 (i32.load (i32.const 128)))))
  (local.set $error (call $share (local.get $error)))
  (local.set $kept (call $list_new (i32.const 2)))
  (call $list_push (local.get $kept) (i64.reinterpret_f64 (f64.convert_i32_u (global.get $failed))))
  (call $list_push (local.get $kept) (local.get $error))
  (i64.store (global.get $error) (local.get $kept))
  (global.set $failed (i32.const 0))
  (global.set $failed_detail (i64.const 0xFFF8000000000000))
  (global.set $fault_code (i64.const 0xFFF8000000000000))
  (global.set $trace_end (i32.const 128))
  (local.get $error))

;; Whether `v` is a map of exactly message, line and script, as CATCH gives it: as text it is its message.
(func $is_error (param $v i64) (result i32)
  (local $entries i32)
  (if (i32.ne (call $tag (local.get $v)) (i32.const 0xFFFB)) (then (return (i32.const 0))))
  (if (i32.ne (call $length (local.get $v)) (i32.const 3)) (then (return (i32.const 0))))
  (local.set $entries (i32.load offset=8 (i32.wrap_i64 (local.get $v))))
  (i32.and
    (call $has_key (i32.add (local.get $entries) (i32.const 8)) (global.get $message_key))
    (i32.and
      (call $has_key (i32.add (local.get $entries) (i32.const 24)) (global.get $line_key))
      (call $has_key (i32.add (local.get $entries) (i32.const 40)) (global.get $script_key)))))

(func $has_key (param $entry i32) (param $key i64) (result i32)
  (call $text_equal (i64.or (i64.const 0xFFF9000000000000) (i64.load32_u (local.get $entry))) (local.get $key)))

;;; errors

;; `THROW text`
;;
;; Fails with `text` as the message. The nearest TRY or ON ERROR handles it; without one the turn fails. An error
;; that CATCH gave can be thrown again: its message is.
;;
;; Example: `TRY : THROW "no stock" : CATCH e : TALK e : END TRY` → `no stock`
(func $keyword.throw (param $text i64)
  (local.set $text (call $to_text (local.get $text)))
  (call $fail (i32.const 15) (local.get $text)))

;; `ASSERT condition [, text]`
;;
;; Fails unless `condition` holds, with `text` as the message.
;;
;; Example: `TRY : ASSERT 1 > 2, "one is not more" : CATCH e : TALK e : END TRY` → `one is not more`
(func $keyword.assert (param $condition i64) (param $text i64)
  (if (call $truthy (local.get $condition)) (then (return)))
  (if (i64.ne (local.get $text) (i64.const 0xFFF8000000000000))
    (then (local.set $text (call $to_text (local.get $text)))))
  (call $fail (i32.const 16) (local.get $text)))

;; `ERROR`
;; `ERROR()`
;;
;; The failure that TRY or ON ERROR handled last, as CATCH gives it: a map of message, line and script, as text its
;; message. NULL if there was none since CLEAR ERROR, or since ON ERROR RESUME NEXT or ON ERROR GOTO.
;;
;; Example: `ON ERROR RESUME NEXT : x = 1 / 0 : IF ERROR THEN TALK ERROR.line` → `1`
(func $keyword.error (result i64)
  (if (i64.eq (i64.load (global.get $error)) (i64.const 0xFFF8000000000000))
    (then (return (i64.const 0xFFF8000000000000))))
  (call $share (call $item (i64.load (global.get $error)) (i32.const 1))))

;; `ERR`
;; `ERR()`
;;
;; The number of the failure that ERROR tells of; 0 if there is none.
;;
;; Example: `ON ERROR RESUME NEXT : x = 1 / 0 : TALK ERR` → `5`
(func $keyword.err (result i64)
  (if (i64.eq (i64.load (global.get $error)) (i64.const 0xFFF8000000000000))
    (then (return (i64.const 0))))
  (call $item (i64.load (global.get $error)) (i32.const 0)))

;; `ERROR MESSAGE`
;; `ERROR MESSAGE()`
;;
;; The message of the failure that ERROR tells of; an empty text if there is none.
;;
;; Example: `ON ERROR RESUME NEXT : x = 1 / 0 : TALK ERROR MESSAGE` → `division by zero`
(func $keyword.error_message (result i64)
  (call $to_text (call $keyword.error)))

;; `CLEAR ERROR`
;;
;; Forgets the failure that ERROR tells of.
;;
;; Example: `ON ERROR RESUME NEXT : x = 1 / 0 : CLEAR ERROR : TALK ERR` → `0`
(func $keyword.clear_error
  (i64.store (global.get $error) (i64.const 0xFFF8000000000000)))
