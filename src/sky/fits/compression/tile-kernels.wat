;; RICE_1 and quantised floats in WebAssembly: windows of 64 bits, four floats at a time (FITS standard 4.0, sections 10.2 and 10.4.1).
;; What it does is what rice.ts and dither.ts do, to the last bit. `node scripts/assemble.mjs` makes tile-kernels-code.ts of it.
(module
  (memory (export "memory") 4)

  ;; 64 bits from bit $place on, of words that begin at $words.
  (func $window (param $words i32) (param $place i64) (result i64)
    (local $word i32)
    (local.set $word
      (i32.add (local.get $words) (i32.shl (i32.wrap_i64 (i64.shr_u (local.get $place) (i64.const 6))) (i32.const 3))))
    ;; Shifts go by their lowest six bits: ~place is 63 - place.
    (i64.or
      (i64.shl (i64.load (local.get $word)) (local.get $place))
      (i64.shr_u
        (i64.shr_u (i64.load offset=8 (local.get $word)) (i64.const 1))
        (i64.xor (local.get $place) (i64.const -1)))))

  ;; $count bits from bit $place on, 1 to 32 of them.
  (func $bits (param $words i32) (param $place i64) (param $count i32) (result i32)
    (i32.wrap_i64
      (i64.shr_u (call $window (local.get $words) (local.get $place)) (i64.extend_i32_u (i32.sub (i32.const 64) (local.get $count))))))

  ;; Differences are stored as 0, -1, 1, -2, 2, ...: 0, 1, 2, 3, 4.
  (func $signed (param $stored i32) (result i32)
    (i32.xor
      (i32.shr_u (local.get $stored) (i32.const 1))
      (i32.sub (i32.const 0) (i32.and (local.get $stored) (i32.const 1)))))

  ;; Bytes to words of 64 bits, the first byte highest.
  (func $turn (param $from i32) (param $to i32)
    (loop $next
      (if (i32.lt_u (local.get $from) (local.get $to))
        (then
          (v128.store (local.get $from)
            (i8x16.shuffle 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8 (v128.load (local.get $from)) (v128.load (local.get $from))))
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (br $next)))))

  ;; Sums of differences are right in their lowest bits: all others are made those of an unsigned byte, or of a signed pair.
  (func $cut (param $from i32) (param $to i32) (param $pixelBits i32)
    (local $shift i32)
    (local $shifted v128)
    (local.set $shift (i32.sub (i32.const 32) (local.get $pixelBits)))
    (loop $next
      (if (i32.lt_u (local.get $from) (local.get $to))
        (then
          (local.set $shifted (i32x4.shl (v128.load (local.get $from)) (local.get $shift)))
          (v128.store (local.get $from)
            (if (result v128) (i32.eq (local.get $pixelBits) (i32.const 8))
              (then (i32x4.shr_u (local.get $shifted) (local.get $shift)))
              (else (i32x4.shr_s (local.get $shifted) (local.get $shift)))))
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (br $next)))))

  ;; Integers of a tile to $pixels, of its $numBytes bytes at $words, which are turned round. At least 80 bytes of zeros must stand
  ;; behind these, and room for three more integers behind those. Gives the number of pixels that the bytes hold, to the block.
  (func (export "decodeRice")
    (param $words i32) (param $numBytes i32) (param $pixels i32) (param $numPixels i32)
    (param $pixelBits i32) (param $splitBits i32) (param $unpacked i32) (param $blockSize i32) (result i32)
    (local $place i64) (local $end i64)
    (local $pixel i32) (local $pixelsEnd i32) (local $block i32) (local $blockEnd i32)
    (local $last i32) (local $stored i32) (local $split i32) (local $moreBits i64) (local $lowShift i64)
    (local $window i64) (local $unary i64) (local $left i64)
    (call $turn (local.get $words) (i32.add (local.get $words) (local.get $numBytes)))
    (local.set $end (i64.shl (i64.extend_i32_u (local.get $numBytes)) (i64.const 3)))
    (local.set $last (call $bits (local.get $words) (i64.const 0) (local.get $pixelBits)))
    (local.set $place (i64.extend_i32_u (local.get $pixelBits)))
    (local.set $pixel (local.get $pixels))
    (local.set $pixelsEnd (i32.add (local.get $pixels) (i32.shl (local.get $numPixels) (i32.const 2))))
    (block $isPastEnd
      (loop $blocks
        (local.set $block (local.get $pixel))
        (local.set $blockEnd (i32.add (local.get $pixel) (i32.shl (local.get $blockSize) (i32.const 2))))
        (if (i32.gt_u (local.get $blockEnd) (local.get $pixelsEnd)) (then (local.set $blockEnd (local.get $pixelsEnd))))
        (local.set $split
          (i32.sub (call $bits (local.get $words) (local.get $place) (local.get $splitBits)) (i32.const 1)))
        (local.set $place (i64.add (local.get $place) (i64.extend_i32_u (local.get $splitBits))))
        (block $blockDone
          (if (i32.lt_s (local.get $split) (i32.const 0))
            (then
              ;; All pixels are as the one before.
              (loop $same
                (i32.store (local.get $pixel) (local.get $last))
                (local.set $pixel (i32.add (local.get $pixel) (i32.const 4)))
                (br_if $same (i32.lt_u (local.get $pixel) (local.get $blockEnd))))
              (br $blockDone)))
          (if (i32.ge_s (local.get $split) (local.get $unpacked))
            (then
              ;; Differences as they are.
              (loop $plain
                (br_if $isPastEnd (i64.gt_u (local.get $place) (local.get $end)))
                (local.set $last
                  (i32.add (local.get $last)
                    (call $signed (call $bits (local.get $words) (local.get $place) (local.get $pixelBits)))))
                (local.set $place (i64.add (local.get $place) (i64.extend_i32_u (local.get $pixelBits))))
                (i32.store (local.get $pixel) (local.get $last))
                (local.set $pixel (i32.add (local.get $pixel) (i32.const 4)))
                (br_if $plain (i32.lt_u (local.get $pixel) (local.get $blockEnd))))
              (br $blockDone)))
          ;; Differences of $split binary bits behind a unary part: so many zeros, and a one.
          (local.set $moreBits (i64.extend_i32_u (i32.add (local.get $split) (i32.const 1))))
          (local.set $lowShift (i64.sub (i64.const 64) (local.get $moreBits)))
          (loop $windows
            (local.set $window (call $window (local.get $words) (local.get $place)))
            (local.set $unary (i64.clz (local.get $window)))
            (local.set $left (local.get $lowShift))
            (if (i64.gt_u (local.get $unary) (local.get $left))
              (then
                ;; Seldom: no window holds this difference.
                (br_if $isPastEnd (i64.gt_u (local.get $place) (local.get $end)))
                (local.set $left (i64.const 0)) ;; zeros before this window
                (loop $zeros
                  (if (i64.eq (local.get $unary) (i64.const 64))
                    (then
                      (local.set $place (i64.add (local.get $place) (i64.const 64)))
                      (br_if $isPastEnd (i64.gt_u (local.get $place) (local.get $end)))
                      (local.set $left (i64.add (local.get $left) (i64.const 64)))
                      (local.set $unary (i64.clz (call $window (local.get $words) (local.get $place))))
                      (br $zeros))))
                (local.set $place (i64.add (local.get $place) (i64.add (local.get $unary) (i64.const 1))))
                (local.set $left (i64.shl (i64.add (local.get $left) (local.get $unary)) (i64.extend_i32_u (local.get $split))))
                (if (i32.gt_s (local.get $split) (i32.const 0))
                  (then
                    (local.set $left
                      (i64.or (local.get $left)
                        (i64.extend_i32_u (call $bits (local.get $words) (local.get $place) (local.get $split)))))))
                (local.set $place (i64.add (local.get $place) (i64.extend_i32_u (local.get $split))))
                (local.set $last (i32.add (local.get $last) (call $signed (i32.wrap_i64 (local.get $left)))))
                (i32.store (local.get $pixel) (local.get $last))
                (local.set $pixel (i32.add (local.get $pixel) (i32.const 4)))
                (br_if $windows (i32.lt_u (local.get $pixel) (local.get $blockEnd)))
                (br $blockDone)))
            (loop $differences
              (local.set $window (i64.shl (local.get $window) (local.get $unary)))
              (local.set $left (i64.sub (local.get $left) (local.get $unary)))
              ;; The one stands above the binary bits: it is taken off. No call of $signed: calls are not inlined.
              (local.set $stored
                (i32.add
                  (i32.wrap_i64 (i64.shr_u (local.get $window) (local.get $lowShift)))
                  (i32.shl (i32.sub (i32.wrap_i64 (local.get $unary)) (i32.const 1)) (local.get $split))))
              (local.set $last
                (i32.add (local.get $last)
                  (i32.xor
                    (i32.shr_u (local.get $stored) (i32.const 1))
                    (i32.sub (i32.const 0) (i32.and (local.get $stored) (i32.const 1))))))
              (i32.store (local.get $pixel) (local.get $last))
              (local.set $pixel (i32.add (local.get $pixel) (i32.const 4)))
              (local.set $window (i64.shl (local.get $window) (local.get $moreBits)))
              (local.set $unary (i64.clz (local.get $window)))
              (local.set $left (i64.sub (local.get $left) (local.get $moreBits)))
              (br_if $differences
                (i32.and
                  (i64.le_s (local.get $unary) (local.get $left))
                  (i32.lt_u (local.get $pixel) (local.get $blockEnd)))))
            (local.set $place (i64.add (local.get $place) (i64.sub (local.get $lowShift) (local.get $left))))
            (br_if $windows (i32.lt_u (local.get $pixel) (local.get $blockEnd)))))
        (br_if $isPastEnd (i64.gt_u (local.get $place) (local.get $end)))
        (br_if $blocks (i32.lt_u (local.get $pixel) (local.get $pixelsEnd))))
      (if (i32.lt_u (local.get $pixelBits) (i32.const 32))
        (then (call $cut (local.get $pixels) (local.get $pixelsEnd) (local.get $pixelBits))))
      (return (local.get $numPixels)))
    (i32.shr_u (i32.sub (local.get $block) (local.get $pixels)) (i32.const 2)))

  ;; $count floats at $floats: zero + scale * (stored - random + 0.5), in doubles. A $step of 0 takes the same four random numbers again
  ;; and again. Where a bit of $isZero or $isBlank is set, the integer $zeroStored stands for 0, and $blank for NaN. Up to three more
  ;; floats are written.
  (func (export "undither")
    (param $stored i32) (param $random i32) (param $step i32) (param $floats i32) (param $count i32)
    (param $scale f64) (param $zero f64) (param $isZero i32) (param $zeroStored i32) (param $isBlank i32) (param $blank i32)
    (local $end i32) (local $integers v128) (local $numbers v128) (local $scales v128) (local $zeros v128)
    (local.set $scales (f64x2.splat (local.get $scale)))
    (local.set $zeros (f64x2.splat (local.get $zero)))
    (local.set $end (i32.add (local.get $floats) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (local.set $integers (v128.load (local.get $stored)))
      (local.set $numbers (v128.load (local.get $random)))
      (v128.store (local.get $floats)
        (v128.bitselect (v128.const f32x4 nan nan nan nan)
          (v128.bitselect (v128.const i32x4 0 0 0 0)
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
              (f32x4.demote_f64x2_zero
                (f64x2.add (local.get $zeros)
                  (f64x2.mul (local.get $scales)
                    (f64x2.add (v128.const f64x2 0.5 0.5)
                      (f64x2.sub
                        (f64x2.convert_low_i32x4_s (local.get $integers))
                        (f64x2.promote_low_f32x4 (local.get $numbers)))))))
              (f32x4.demote_f64x2_zero
                (f64x2.add (local.get $zeros)
                  (f64x2.mul (local.get $scales)
                    (f64x2.add (v128.const f64x2 0.5 0.5)
                      (f64x2.sub
                        (f64x2.convert_low_i32x4_s
                          (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $integers) (local.get $integers)))
                        (f64x2.promote_low_f32x4
                          (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15
                            (local.get $numbers) (local.get $numbers)))))))))
            (v128.and (i32x4.splat (local.get $isZero)) (i32x4.eq (local.get $integers) (i32x4.splat (local.get $zeroStored)))))
          (v128.and (i32x4.splat (local.get $isBlank)) (i32x4.eq (local.get $integers) (i32x4.splat (local.get $blank))))))
      (local.set $stored (i32.add (local.get $stored) (i32.const 16)))
      (local.set $random (i32.add (local.get $random) (local.get $step)))
      (local.set $floats (i32.add (local.get $floats) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $floats) (local.get $end))))))
