;; Bytes as lower-case hex digits, sixteen at a time.
;;
;; memory   0x00000  bytes, at most 0x10000 of them; those behind them up to 15 are read, and ignored
;;          0x10010  hex digits; up to 30 behind them are overwritten
(module
  (memory (export "memory") 4 4)

  ;; Writes the digits of the first $n bytes at $out.
  (func (export "hex") (param $n i32) (param $out i32)
    (local $in i32) (local $v v128) (local $digits v128) (local $high v128) (local $low v128)
    (local.set $digits
      (v128.const i8x16 48 49 50 51 52 53 54 55 56 57 97 98 99 100 101 102))
    (if (i32.eqz (local.get $n)) (then (return)))
    (loop $next
      (local.set $v (v128.load (local.get $in)))
      (local.set $high
        (i8x16.swizzle (local.get $digits) (i8x16.shr_u (local.get $v) (i32.const 4))))
      (local.set $low
        (i8x16.swizzle
          (local.get $digits)
          (v128.and (local.get $v) (v128.const i32x4 0x0f0f0f0f 0x0f0f0f0f 0x0f0f0f0f 0x0f0f0f0f))))
      (v128.store
        (local.get $out)
        (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $high) (local.get $low)))
      (v128.store offset=16
        (local.get $out)
        (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
          (local.get $high)
          (local.get $low)))
      (local.set $out (i32.add (local.get $out) (i32.const 32)))
      (br_if $next
        (i32.lt_u
          (local.tee $in (i32.add (local.get $in) (i32.const 16)))
          (local.get $n))))))
