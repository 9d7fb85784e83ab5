;; Decodes the points of a row data block (spec/pebble.md §6.5; row-points.ts says what it is for).
;;
;;   entry    uvarint32 shared, unshared, value length | unshared key bytes | value
;;   key      user key | trailer u64 LE, sequence number * 256 + kind
;;
;; What outlives a call lies at address 0, and $key holds a fixed prefix and the last entry's key:
;;
;;   0   u32  position in the block of the entry to decode next
;;   4   u32  bytes at $key
;;   8   u32  why it stopped: 0, or one of the codes below
;;   12  3 * u32  shared, unshared, value length of the entry it stopped at
;;
;;   1  the header does not end
;;   2  key or value overrun the entries, or the key takes over more than there is
;;   3  a key shorter than its trailer
;;   4  no kind of a point; at 12 stands the kind byte
;;   5  a SET without prefix byte
;;   6  bits 7-6 of the prefix byte are no place; at 12 they stand
;;
;; A row is eight u32 as in point-rows.ts. Bytes move sixteen at a time: up to 15 behind the end of
;; every part are touched, and the caller leaves room for them.
(module
  (import "env" "memory" (memory 1))

  ;; Where the varint read last ends, and whether it ended at all.
  (global $p (mut i32) (i32.const 0))
  (global $ok (mut i32) (i32.const 0))

  ;; A uvarint32 at $p that must end before $end. More than 32 bits come out as 2^32-1.
  (func $uvarint (param $end i32) (result i32)
    (local $value i32) (local $shift i32) (local $byte i32)
    (loop $next
      (if (i32.ge_u (global.get $p) (local.get $end))
        (then
          (global.set $ok (i32.const 0))
          (return (i32.const 0))))
      (local.set $byte (i32.load8_u (global.get $p)))
      (global.set $p (i32.add (global.get $p) (i32.const 1)))
      (local.set $value
        (i32.or
          (local.get $value)
          (i32.shl (i32.and (local.get $byte) (i32.const 0x7f)) (local.get $shift))))
      (if (i32.lt_u (local.get $byte) (i32.const 0x80))
        (then
          (if (i32.and
                (i32.eq (local.get $shift) (i32.const 28))
                (i32.ge_u (local.get $byte) (i32.const 0x10)))
            (then (return (i32.const -1))))
          (return (local.get $value))))
      (local.set $shift (i32.add (local.get $shift) (i32.const 7)))
      (br_if $next (i32.lt_u (local.get $shift) (i32.const 35))))
    (i32.const -1))

  (func $move (param $from i32) (param $to i32) (param $n i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $n)))
    (loop $next
      (if (i32.lt_u (local.get $to) (local.get $end))
        (then
          (i64.store (local.get $to) (i64.load (local.get $from)))
          (i64.store offset=8 (local.get $to) (i64.load offset=8 (local.get $from)))
          (local.set $to (i32.add (local.get $to) (i32.const 16)))
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (br $next)))))

  ;; 1 when the $n bytes in front of $a and of $b are the same. Neighbours differ near their ends.
  (func $same (param $a i32) (param $b i32) (param $n i32) (result i32)
    (local $start i32)
    (local.set $start (i32.sub (local.get $a) (local.get $n)))
    (loop $wide
      (if (i32.ge_u (i32.sub (local.get $a) (local.get $start)) (i32.const 8))
        (then
          (local.set $a (i32.sub (local.get $a) (i32.const 8)))
          (local.set $b (i32.sub (local.get $b) (i32.const 8)))
          (br_if $wide (i64.eq (i64.load (local.get $a)) (i64.load (local.get $b))))
          (return (i32.const 0)))))
    (loop $next
      (if (i32.le_u (local.get $a) (local.get $start)) (then (return (i32.const 1))))
      (local.set $a (i32.sub (local.get $a) (i32.const 1)))
      (local.set $b (i32.sub (local.get $b) (i32.const 1)))
      (br_if $next (i32.eq (i32.load8_u (local.get $a)) (i32.load8_u (local.get $b)))))
    (i32.const 0))

  (func $stop (param $why i32) (param $rows i32) (result i32)
    (i32.store offset=8 (i32.const 0) (local.get $why))
    (local.get $rows))

  ;; $block: address of position 0 of the block, of which [pos, $end) need be there.
  ;; $format: bit 0, the values of SETs begin with a prefix byte; bit 1, bit 6 of the kind is a flag.
  ;; Ends behind $most rows, behind $mostBytes of keys, at $end, or at an entry that is wrong.
  ;; Gives the number of rows.
  (func (export "fill")
    (param $block i32) (param $end i32) (param $key i32) (param $prefix i32) (param $format i32)
    (param $row i32) (param $keys i32) (param $most i32) (param $mostBytes i32) (result i32)
    (local $pos i32) (local $keyLength i32) (local $count i32)
    (local $shared i32) (local $unshared i32) (local $valueLength i32) (local $header i32)
    (local $p i32) (local $userEnd i32) (local $kind i32) (local $low i32) (local $high i32)
    (local $start i32) (local $at i32) (local $length i32) (local $lastLength i32)
    (local $place i32)
    (local.set $pos (i32.load (i32.const 0)))
    (local.set $keyLength (i32.load offset=4 (i32.const 0)))
    (i32.store offset=8 (i32.const 0) (i32.const 0))
    (loop $entry
      (if (i32.or
            (i32.ge_u (local.get $pos) (local.get $end))
            (i32.or
              (i32.ge_u (local.get $count) (local.get $most))
              (i32.ge_u (local.get $at) (local.get $mostBytes))))
        (then (return (local.get $count))))
      ;; header
      (local.set $p (i32.add (local.get $block) (local.get $pos)))
      (local.set $header (i32.load (local.get $p)))
      ;; Most headers are one byte a number, but for two of the value length.
      (if (i32.and
            (i32.eqz (i32.and (local.get $header) (i32.const 0x8080)))
            (i32.and
              (i32.ne (i32.and (local.get $header) (i32.const 0x80800000)) (i32.const 0x80800000))
              (i32.ge_u (i32.sub (local.get $end) (local.get $pos)) (i32.const 4))))
        (then
          (local.set $shared (i32.and (local.get $header) (i32.const 0xff)))
          (local.set $unshared
            (i32.and (i32.shr_u (local.get $header) (i32.const 8)) (i32.const 0xff)))
          (local.set $valueLength
            (i32.and (i32.shr_u (local.get $header) (i32.const 16)) (i32.const 0x7f)))
          (local.set $p (i32.add (local.get $p) (i32.const 3)))
          (if (i32.and (local.get $header) (i32.const 0x800000))
            (then
              (local.set $valueLength
                (i32.or
                  (local.get $valueLength)
                  (i32.shl (i32.shr_u (local.get $header) (i32.const 24)) (i32.const 7))))
              (local.set $p (i32.add (local.get $p) (i32.const 1))))))
        (else
          (global.set $p (local.get $p))
          (global.set $ok (i32.const 1))
          (local.set $p (i32.add (local.get $block) (local.get $end)))
          (local.set $shared (call $uvarint (local.get $p)))
          (local.set $unshared (call $uvarint (local.get $p)))
          (local.set $valueLength (call $uvarint (local.get $p)))
          (local.set $p (global.get $p))
          (if (i32.eqz (global.get $ok))
            (then (return (call $stop (i32.const 1) (local.get $count)))))))
      (i32.store offset=12 (i32.const 0) (local.get $shared))
      (i32.store offset=16 (i32.const 0) (local.get $unshared))
      (i32.store offset=20 (i32.const 0) (local.get $valueLength))
      ;; $length: what is left of the entries behind the header, then behind the key
      (local.set $length (i32.sub (i32.add (local.get $block) (local.get $end)) (local.get $p)))
      (if (i32.or
            (i32.gt_u (local.get $shared) (i32.sub (local.get $keyLength) (local.get $prefix)))
            (i32.gt_u (local.get $unshared) (local.get $length)))
        (then (return (call $stop (i32.const 2) (local.get $count)))))
      (local.set $length (i32.sub (local.get $length) (local.get $unshared)))
      (if (i32.gt_u (local.get $valueLength) (local.get $length))
        (then (return (call $stop (i32.const 2) (local.get $count)))))
      (if (i32.lt_u (i32.add (local.get $shared) (local.get $unshared)) (i32.const 8))
        (then (return (call $stop (i32.const 3) (local.get $count)))))
      ;; key and trailer
      (call $move
        (local.get $p)
        (i32.add (i32.add (local.get $key) (local.get $prefix)) (local.get $shared))
        (local.get $unshared))
      (local.set $p (i32.add (local.get $p) (local.get $unshared)))
      (local.set $length
        (i32.sub
          (i32.add (i32.add (local.get $prefix) (local.get $shared)) (local.get $unshared))
          (i32.const 8)))
      (local.set $userEnd (i32.add (local.get $key) (local.get $length)))
      (local.set $low (i32.load (local.get $userEnd)))
      (local.set $high (i32.load offset=4 (local.get $userEnd)))
      (local.set $kind (i32.and (local.get $low) (i32.const 0xff)))
      (if (i32.and (local.get $format) (i32.const 2))
        (then (local.set $kind (i32.and (local.get $kind) (i32.const 0xbf)))))
      ;; DELETE 0, SET 1, MERGE 2, SINGLEDEL 7, SETWITHDEL 18, DELSIZED 23
      (if (i32.or
            (i32.ge_u (local.get $kind) (i32.const 32))
            (i32.eqz
              (i32.and
                (i32.shl (i32.const 1) (local.get $kind))
                (i32.const 0x840087))))
        (then
          (i32.store offset=12 (i32.const 0) (i32.load8_u (local.get $userEnd)))
          (return (call $stop (i32.const 4) (local.get $count)))))
      ;; value: its start in $start
      (local.set $start (i32.sub (local.get $p) (local.get $block)))
      (local.set $pos (i32.add (local.get $start) (local.get $valueLength)))
      (local.set $place (i32.const 0))
      (if (i32.and (i32.eq (local.get $kind) (i32.const 1)) (local.get $format))
        (then
          (if (i32.eqz (local.get $valueLength))
            (then (return (call $stop (i32.const 5) (local.get $count)))))
          (local.set $place (i32.shr_u (i32.load8_u (local.get $p)) (i32.const 6)))
          (if (local.get $place)
            (then
              (if (i32.ne (local.get $place) (i32.const 2))
                (then
                  (i32.store offset=12 (i32.const 0) (local.get $place))
                  (return (call $stop (i32.const 6) (local.get $count)))))
              (local.set $place (i32.const 1))))
          (local.set $start (i32.add (local.get $start) (i32.const 1)))))
      ;; row
      (call $move (local.get $key) (i32.add (local.get $keys) (local.get $at)) (local.get $length))
      (i32.store (local.get $row) (local.get $at))
      (local.set $at (i32.add (local.get $at) (local.get $length)))
      (i32.store offset=4 (local.get $row) (local.get $at))
      (i32.store offset=8 (local.get $row)
        (i32.or (i32.shl (local.get $kind) (i32.const 24)) (i32.shr_u (local.get $high) (i32.const 8))))
      (i32.store offset=12 (local.get $row)
        (i32.or (i32.shr_u (local.get $low) (i32.const 8)) (i32.shl (local.get $high) (i32.const 24))))
      (i32.store offset=16 (local.get $row) (local.get $start))
      (i32.store offset=20 (local.get $row) (local.get $pos))
      (i32.store offset=24 (local.get $row) (local.get $place))
      (i32.store offset=28 (local.get $row) (i32.const 0))
      (if (i32.and
            (i32.ne (local.get $count) (i32.const 0))
            (i32.or
              (i32.eq (local.get $kind) (i32.const 1))
              (i32.eq (local.get $kind) (i32.const 18))))
        (then
          (i32.store offset=28 (local.get $row)
            (if (result i32) (i32.ne (local.get $length) (local.get $lastLength))
              (then (i32.const 1))
              (else
                (i32.eqz
                  (call $same
                    (i32.add (local.get $keys) (local.get $at))
                    (i32.add (local.get $keys) (i32.sub (local.get $at) (local.get $length)))
                    (local.get $length))))))))
      (local.set $lastLength (local.get $length))
      (local.set $row (i32.add (local.get $row) (i32.const 32)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (local.set $keyLength (i32.add (local.get $length) (i32.const 8)))
      (i32.store (i32.const 0) (local.get $pos))
      (i32.store offset=4 (i32.const 0) (local.get $keyLength))
      (br $entry))
    (unreachable)))
