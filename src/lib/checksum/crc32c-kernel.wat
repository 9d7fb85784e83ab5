;; CRC-32C (Castagnoli) for data that lies in this module's memory.
;;
;; The bulk is not divided table by table but folded. P, the polynomial, divides
;;   x^5275 + x^4508 + x^2751 + 1
;; and, raised to the 8th power, every exponent of it becomes a whole number of bytes. A block of the
;; message is therefore cancelled by xor-ing it forward at three distances:
;;   v[i] = m[i] ^ v[i-767] ^ v[i-2524] ^ v[i-5275]          (byte indexes; v[negative] = 0)
;; which 128-bit loads and xors do 16 bytes a time, without a table. What is left, the last 5280 to
;; 5343 bytes, goes through sixteen tables (slicing-by-16).
;;
;; For a block of a table or a record of a log that is too much to be left. P also divides
;;   x^290 + x^136 + x^113 + x^107 + x^32 + 1
;; by which five distances, 154, 177, 183, 258 and 290, leave 304 to 367 bytes.
;;
;; In the loops $h points 5275 (or 290) bytes before the place that is written, so that all distances
;; are non-negative offsets of one base: 0, 2751 = 5275 - 2524 and 4508 = 5275 - 767.
;;
;; memory   0x00400  sixteen tables of 256 u32
;;          0x04ff0  16 zeros, then the folded tail
;;          0x07000  304 or 5280 bytes of history, then 16 or 64 KiB of folded block (scratch)
;;          0x20000  data: callers put it here, and as far as memory reaches
(module
  (import "env" "memory" (memory 24))

  ;; Fills the tables. Once, before anything else.
  (func (export "init")
    (local $i i32) (local $k i32) (local $c i32) (local $t i32)
    (loop $bytes
      (local.set $c (local.get $i))
      (local.set $k (i32.const 8))
      (loop $bits
        (local.set $c
          (i32.xor
            (i32.shr_u (local.get $c) (i32.const 1))
            (i32.and
              (i32.sub (i32.const 0) (i32.and (local.get $c) (i32.const 1)))
              (i32.const 0x82f63b78))))
        (br_if $bits (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
      (i32.store offset=0x400 (i32.shl (local.get $i) (i32.const 2)) (local.get $c))
      (br_if $bytes
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 256))))
    ;; table[t][i] = table[t-1][i] advanced by one zero byte; 0x400 bytes a table.
    (local.set $i (i32.const 0))
    (local.set $t (i32.const 0x400))
    (loop $next
      (local.set $c (i32.load (local.get $t)))
      (i32.store offset=0x400 (local.get $t)
        (i32.xor
          (i32.shr_u (local.get $c) (i32.const 8))
          (i32.load offset=0x400
            (i32.shl (i32.and (local.get $c) (i32.const 255)) (i32.const 2)))))
      (br_if $next
        (i32.lt_u
          (local.tee $t (i32.add (local.get $t) (i32.const 4)))
          (i32.const 0x4000)))))

  ;; Slicing-by-16 over [p, p+n) from register $c, without the initial and final inversion.
  (func $slice (param $c i32) (param $p i32) (param $n i32) (result i32)
    (local $v0 i32) (local $v1 i32) (local $v2 i32) (local $v3 i32)
    (block $done16
      (loop $by16
        (br_if $done16 (i32.lt_u (local.get $n) (i32.const 16)))
        (local.set $v0 (i32.xor (local.get $c) (i32.load (local.get $p))))
        (local.set $v1 (i32.load offset=4 (local.get $p)))
        (local.set $v2 (i32.load offset=8 (local.get $p)))
        (local.set $v3 (i32.load offset=12 (local.get $p)))
        (local.set $c
          (i32.xor
            (i32.xor
              (i32.load offset=0x4000
                (i32.shl (i32.and (local.get $v0) (i32.const 255)) (i32.const 2)))
              (i32.load offset=0x3c00
                (i32.and (i32.shr_u (local.get $v0) (i32.const 6)) (i32.const 0x3fc))))
            (i32.xor
              (i32.load offset=0x3800
                (i32.and (i32.shr_u (local.get $v0) (i32.const 14)) (i32.const 0x3fc)))
              (i32.load offset=0x3400
                (i32.and (i32.shr_u (local.get $v0) (i32.const 22)) (i32.const 0x3fc))))))
        (local.set $c (i32.xor (local.get $c)
          (i32.xor
            (i32.xor
              (i32.load offset=0x3000
                (i32.shl (i32.and (local.get $v1) (i32.const 255)) (i32.const 2)))
              (i32.load offset=0x2c00
                (i32.and (i32.shr_u (local.get $v1) (i32.const 6)) (i32.const 0x3fc))))
            (i32.xor
              (i32.load offset=0x2800
                (i32.and (i32.shr_u (local.get $v1) (i32.const 14)) (i32.const 0x3fc)))
              (i32.load offset=0x2400
                (i32.and (i32.shr_u (local.get $v1) (i32.const 22)) (i32.const 0x3fc)))))))
        (local.set $c (i32.xor (local.get $c)
          (i32.xor
            (i32.xor
              (i32.load offset=0x2000
                (i32.shl (i32.and (local.get $v2) (i32.const 255)) (i32.const 2)))
              (i32.load offset=0x1c00
                (i32.and (i32.shr_u (local.get $v2) (i32.const 6)) (i32.const 0x3fc))))
            (i32.xor
              (i32.load offset=0x1800
                (i32.and (i32.shr_u (local.get $v2) (i32.const 14)) (i32.const 0x3fc)))
              (i32.load offset=0x1400
                (i32.and (i32.shr_u (local.get $v2) (i32.const 22)) (i32.const 0x3fc)))))))
        (local.set $c (i32.xor (local.get $c)
          (i32.xor
            (i32.xor
              (i32.load offset=0x1000
                (i32.shl (i32.and (local.get $v3) (i32.const 255)) (i32.const 2)))
              (i32.load offset=0xc00
                (i32.and (i32.shr_u (local.get $v3) (i32.const 6)) (i32.const 0x3fc))))
            (i32.xor
              (i32.load offset=0x800
                (i32.and (i32.shr_u (local.get $v3) (i32.const 14)) (i32.const 0x3fc)))
              (i32.load offset=0x400
                (i32.and (i32.shr_u (local.get $v3) (i32.const 22)) (i32.const 0x3fc)))))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (local.set $n (i32.sub (local.get $n) (i32.const 16)))
        (br $by16)))
    (block $done
      (loop $by1
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $c
          (i32.xor
            (i32.shr_u (local.get $c) (i32.const 8))
            (i32.load offset=0x400
              (i32.shl
                (i32.and (i32.xor (local.get $c) (i32.load8_u (local.get $p))) (i32.const 255))
                (i32.const 2)))))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $by1)))
    (local.get $c))

  ;; The register behind the folded tail of $n bytes. Zeros in front change nothing in a register of
  ;; 0: as many as make whole steps of sixteen are taken along, and no byte is left over.
  (func $folded (param $n i32) (result i32)
    (local $zeros i32)
    (local.set $zeros (i32.and (i32.sub (i32.const 0) (local.get $n)) (i32.const 15)))
    (call $slice
      (i32.const 0)
      (i32.sub (i32.const 0x5000) (local.get $zeros))
      (i32.add (local.get $n) (local.get $zeros))))

  ;; The CRC of [p, p+n), continued from register $c, for 768 bytes to 16 KiB.
  (func $short (param $c i32) (param $p i32) (param $n i32) (result i32)
    (local $left i32) (local $s i32) (local $e i32) (local $r i32) (local $h i32)
    (memory.fill (i32.const 0x7000) (i32.const 0) (i32.const 304))
    (i32.store (local.get $p) (i32.xor (i32.load (local.get $p)) (local.get $c)))
    (local.set $left
      (i32.and (i32.sub (local.get $n) (i32.const 304)) (i32.const -64)))
    (local.set $n (i32.sub (local.get $n) (local.get $left)))
    (local.set $r (local.get $p))
    (local.set $h (i32.const 0x700e))
    (local.set $e (i32.add (local.get $h) (local.get $left)))
    (loop $by64
        (v128.store offset=290 (local.get $h)
          (v128.xor
            (v128.xor
              (v128.xor (v128.load (local.get $p)) (v128.load (local.get $h)))
              (v128.xor (v128.load offset=32 (local.get $h)) (v128.load offset=107 (local.get $h))))
            (v128.xor (v128.load offset=113 (local.get $h)) (v128.load offset=136 (local.get $h)))))
        (v128.store offset=306 (local.get $h)
          (v128.xor
            (v128.xor
              (v128.xor (v128.load offset=16 (local.get $p)) (v128.load offset=16 (local.get $h)))
              (v128.xor (v128.load offset=48 (local.get $h)) (v128.load offset=123 (local.get $h))))
            (v128.xor (v128.load offset=129 (local.get $h)) (v128.load offset=152 (local.get $h)))))
        (v128.store offset=322 (local.get $h)
          (v128.xor
            (v128.xor
              (v128.xor (v128.load offset=32 (local.get $p)) (v128.load offset=32 (local.get $h)))
              (v128.xor (v128.load offset=64 (local.get $h)) (v128.load offset=139 (local.get $h))))
            (v128.xor (v128.load offset=145 (local.get $h)) (v128.load offset=168 (local.get $h)))))
        (v128.store offset=338 (local.get $h)
          (v128.xor
            (v128.xor
              (v128.xor (v128.load offset=48 (local.get $p)) (v128.load offset=48 (local.get $h)))
              (v128.xor (v128.load offset=80 (local.get $h)) (v128.load offset=155 (local.get $h))))
            (v128.xor (v128.load offset=161 (local.get $h)) (v128.load offset=184 (local.get $h)))))
      (local.set $p (i32.add (local.get $p) (i32.const 64)))
      (br_if $by64
        (i32.lt_u (local.tee $h (i32.add (local.get $h) (i32.const 64))) (local.get $e))))
    (i32.store (local.get $r) (i32.xor (i32.load (local.get $r)) (local.get $c)))
    (memory.fill (i32.add (local.get $h) (i32.const 290)) (i32.const 0) (i32.const 384))
    (loop $tail
      (v128.store offset=0x5000 (local.get $s)
        (v128.xor
          (v128.xor
            (v128.xor (v128.load (local.get $p)) (v128.load (local.get $h)))
            (v128.xor (v128.load offset=32 (local.get $h)) (v128.load offset=107 (local.get $h))))
          (v128.xor (v128.load offset=113 (local.get $h)) (v128.load offset=136 (local.get $h)))))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (local.set $h (i32.add (local.get $h) (i32.const 16)))
      (br_if $tail
        (i32.lt_u (local.tee $s (i32.add (local.get $s) (i32.const 16))) (local.get $n))))
    (i32.xor (call $folded (local.get $n)) (i32.const -1)))

  ;; The CRC of [p, p+n), continued from $crc.
  (func (export "crc") (param $crc i32) (param $p i32) (param $n i32) (result i32)
    (local $c i32) (local $left i32) (local $s i32) (local $e i32) (local $b i32) (local $r i32)
    (local $h i32)
    (local.set $c (i32.xor (local.get $crc) (i32.const -1)))
    (if (i32.lt_u (local.get $n) (i32.const 768))
      (then
        (return
          (i32.xor (call $slice (local.get $c) (local.get $p) (local.get $n)) (i32.const -1)))))
    (if (i32.lt_u (local.get $n) (i32.const 16384))
      (then (return (call $short (local.get $c) (local.get $p) (local.get $n)))))
    (memory.fill (i32.const 0x7000) (i32.const 0) (i32.const 5280))
    ;; Folding starts from register 0: the real one is xor-ed into the first four bytes instead.
    (i32.store (local.get $p) (i32.xor (i32.load (local.get $p)) (local.get $c)))
    (local.set $left
      (i32.and (i32.sub (local.get $n) (i32.const 5280)) (i32.const -64)))
    (local.set $n (i32.sub (local.get $n) (local.get $left)))
    (local.set $r (local.get $p))
    (loop $blocks
      (local.set $b
        (select (local.get $left) (i32.const 65536)
          (i32.lt_u (local.get $left) (i32.const 65536))))
      (local.set $h (i32.const 0x7005))
      (local.set $e (i32.add (local.get $h) (local.get $b)))
      (loop $by64
        (v128.store offset=5275 (local.get $h)
          (v128.xor
            (v128.xor (v128.load (local.get $p)) (v128.load offset=4508 (local.get $h)))
            (v128.xor (v128.load offset=2751 (local.get $h)) (v128.load (local.get $h)))))
        (v128.store offset=5291 (local.get $h)
          (v128.xor
            (v128.xor (v128.load offset=16 (local.get $p)) (v128.load offset=4524 (local.get $h)))
            (v128.xor (v128.load offset=2767 (local.get $h)) (v128.load offset=16 (local.get $h)))))
        (v128.store offset=5307 (local.get $h)
          (v128.xor
            (v128.xor (v128.load offset=32 (local.get $p)) (v128.load offset=4540 (local.get $h)))
            (v128.xor (v128.load offset=2783 (local.get $h)) (v128.load offset=32 (local.get $h)))))
        (v128.store offset=5323 (local.get $h)
          (v128.xor
            (v128.xor (v128.load offset=48 (local.get $p)) (v128.load offset=4556 (local.get $h)))
            (v128.xor (v128.load offset=2799 (local.get $h)) (v128.load offset=48 (local.get $h)))))
        (local.set $p (i32.add (local.get $p) (i32.const 64)))
        (br_if $by64
          (i32.lt_u (local.tee $h (i32.add (local.get $h) (i32.const 64))) (local.get $e))))
      (memory.copy (i32.const 0x7000) (i32.add (i32.const 0x7000) (local.get $b))
        (i32.const 5280))
      (br_if $blocks
        (local.tee $left (i32.sub (local.get $left) (local.get $b)))))
    ;; Give the caller its first four bytes back.
    (i32.store (local.get $r) (i32.xor (i32.load (local.get $r)) (local.get $c)))
    ;; The tail takes what was folded into it; nothing lies folded behind the history.
    (memory.fill (i32.const 0x84a0) (i32.const 0) (i32.const 5376))
    (local.set $s (i32.const 0))
    (local.set $h (i32.const 0x7005))
    (loop $tail
      (v128.store offset=0x5000 (local.get $s)
        (v128.xor
          (v128.xor (v128.load (local.get $p)) (v128.load offset=4508 (local.get $h)))
          (v128.xor (v128.load offset=2751 (local.get $h)) (v128.load (local.get $h)))))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (local.set $h (i32.add (local.get $h) (i32.const 16)))
      (br_if $tail
        (i32.lt_u (local.tee $s (i32.add (local.get $s) (i32.const 16))) (local.get $n))))
    (i32.xor (call $folded (local.get $n)) (i32.const -1)))
)
