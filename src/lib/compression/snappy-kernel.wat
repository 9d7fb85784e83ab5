;; The Snappy block decoder, behind the uvarint of the output length (spec/pebble.md B.3).
;;
;;   tag & 3   0  literal   (tag >> 2) + 1 bytes; from 61 on the length lies in 1 to 4 bytes, LE
;;             1  copy      4 + (tag >> 2 & 7) bytes from (tag >> 5) << 8 | byte
;;             2  copy      (tag >> 2) + 1 bytes from u16 LE
;;             3  copy      (tag >> 2) + 1 bytes from u32 LE
;;
;; Bytes move sixteen at a time, so up to 15 behind the end of input and output are touched: the
;; caller leaves room for them. A copy from less than 8 bytes back repeats a pattern, which is put
;; together in a register as often as it fits into 8 bytes.
(module
  (import "env" "memory" (memory 1))

  ;; 1 when [in, inEnd) decodes to exactly [out, outEnd), 0 when it is no such block.
  (func (export "uncompress")
    (param $in i32) (param $inEnd i32) (param $out i32) (param $outEnd i32) (result i32)
    (local $start i32) (local $tag i32) (local $n i32) (local $back i32) (local $p i32)
    (local $shift i64) (local $pattern i64)
    (local.set $start (local.get $out))
    (loop $element
      (if (i32.ge_u (local.get $in) (local.get $inEnd))
        (then
          (return
            (i32.and
              (i32.eq (local.get $in) (local.get $inEnd))
              (i32.eq (local.get $out) (local.get $outEnd))))))
      (local.set $tag (i32.load8_u (local.get $in)))
      (local.set $in (i32.add (local.get $in) (i32.const 1)))
      (local.set $n (i32.shr_u (local.get $tag) (i32.const 2)))
      (block $bytes
       (block $copy
        (block $copy4
          (block $copy2
            (block $copy1
              (block $literal
                (br_table $literal $copy1 $copy2 $copy4 (i32.and (local.get $tag) (i32.const 3))))
              ;; literal
              (if (i32.ge_u (local.get $n) (i32.const 60))
                (then
                  ;; $back: how many bytes the length takes; those above are masked away.
                  (local.set $back (i32.sub (local.get $n) (i32.const 59)))
                  (local.set $n
                    (i32.and
                      (i32.load (local.get $in))
                      (i32.shr_u
                        (i32.const -1)
                        (i32.shl (i32.sub (i32.const 4) (local.get $back)) (i32.const 3)))))
                  (local.set $in (i32.add (local.get $in) (local.get $back)))))
              ;; $n is the length less one.
              (if (i32.gt_u (local.get $in) (local.get $inEnd)) (then (return (i32.const 0))))
              (if (i32.ge_u (local.get $n) (i32.sub (local.get $inEnd) (local.get $in)))
                (then (return (i32.const 0))))
              (if (i32.ge_u (local.get $n) (i32.sub (local.get $outEnd) (local.get $out)))
                (then (return (i32.const 0))))
              (local.set $n (i32.add (local.get $n) (i32.const 1)))
              (local.set $p (local.get $out))
              (local.set $out (i32.add (local.get $out) (local.get $n)))
              (local.set $back (i32.sub (local.get $p) (local.get $in)))
              (local.set $in (i32.add (local.get $in) (local.get $n)))
              (br $bytes))
            ;; copy1
            (local.set $n
              (i32.add (i32.and (local.get $n) (i32.const 7)) (i32.const 4)))
            (local.set $back
              (i32.or
                (i32.shl (i32.shr_u (local.get $tag) (i32.const 5)) (i32.const 8))
                (i32.load8_u (local.get $in))))
            (local.set $in (i32.add (local.get $in) (i32.const 1)))
            (br $copy))
          ;; copy2
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (local.set $back (i32.load16_u (local.get $in)))
          (local.set $in (i32.add (local.get $in) (i32.const 2)))
          (br $copy))
        ;; copy4
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (local.set $back (i32.load (local.get $in)))
        (local.set $in (i32.add (local.get $in) (i32.const 4))))
      ;; copies: $n bytes from $back back
      (if (i32.gt_u (local.get $in) (local.get $inEnd)) (then (return (i32.const 0))))
      (if (i32.eqz (local.get $back)) (then (return (i32.const 0))))
      (if (i32.gt_u (local.get $back) (i32.sub (local.get $out) (local.get $start)))
        (then (return (i32.const 0))))
      (if (i32.gt_u (local.get $n) (i32.sub (local.get $outEnd) (local.get $out)))
        (then (return (i32.const 0))))
      (local.set $p (local.get $out))
      (local.set $out (i32.add (local.get $out) (local.get $n)))
      (br_if $bytes (i32.ge_u (local.get $back) (i32.const 8)))
      ;; The pattern twice, four times where two of it leave room, eight times if it is one byte.
      (local.set $shift (i64.extend_i32_u (i32.shl (local.get $back) (i32.const 3))))
      (local.set $pattern
        (i64.and
          (i64.load (i32.sub (local.get $p) (local.get $back)))
          (i64.sub (i64.shl (i64.const 1) (local.get $shift)) (i64.const 1))))
      (local.set $pattern
        (i64.or (local.get $pattern) (i64.shl (local.get $pattern) (local.get $shift))))
      (local.set $pattern
        (i64.or
          (local.get $pattern)
          (i64.shl
            (local.get $pattern)
            (select
              (i64.shl (local.get $shift) (i64.const 1))
              (i64.const 0)
              (i32.lt_u (local.get $back) (i32.const 4))))))
      (local.set $pattern
        (i64.or
          (local.get $pattern)
          (i64.shl
            (local.get $pattern)
            (select (i64.const 32) (i64.const 0) (i32.eq (local.get $back) (i32.const 1))))))
      ;; $back: how many bytes of it are whole patterns; byte i of the constant is that of i back.
      (local.set $back
        (i32.wrap_i64
          (i64.and (i64.shr_u (i64.const 0x0706050806080800) (local.get $shift)) (i64.const 255))))
      (loop $repeat
        (i64.store (local.get $p) (local.get $pattern))
        (local.set $p (i32.add (local.get $p) (local.get $back)))
        (br_if $repeat (i32.lt_u (local.get $p) (local.get $out))))
      (br $element))
      ;; bytes: those of [p, out), from $back back, eight or more or not of the output at all
      (loop $move
        (i64.store (local.get $p) (i64.load (i32.sub (local.get $p) (local.get $back))))
        (i64.store offset=8
          (local.get $p)
          (i64.load offset=8 (i32.sub (local.get $p) (local.get $back))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br_if $move (i32.lt_u (local.get $p) (local.get $out))))
      (br $element))
    (unreachable)))
