//go:build amd64 && !noasm

#include "textflag.h"

// Each kernel goes through n numbers, eight at a time; AX counts them. DI is dst.

#define HEAD(N) \
	MOVQ N, CX \
	XORQ AX, AX

#define NEXT(LOOP) \
	ADDQ $8, AX \
	CMPQ AX, CX \
	JLT  LOOP \
	VZEROUPPER

// SUM adds up the eight numbers of Y15 to BX. It uses X14.
#define SUM \
	VEXTRACTI128 $1, Y15, X14 \
	VPADDD       X14, X15, X15 \
	VPSHUFD      $0x4E, X15, X14 \
	VPADDD       X14, X15, X15 \
	VPSHUFD      $0xB1, X15, X14 \
	VPADDD       X14, X15, X15 \
	VMOVD        X15, BX

// func addAVX2(dst, x, y *int32, n int)
TEXT ·addAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	HEAD(n+24(FP))

loop:
	VMOVDQU (SI)(AX*4), Y0
	VPADDD  (DX)(AX*4), Y0, Y0
	VMOVDQU Y0, (DI)(AX*4)
	NEXT(loop)
	RET

// func add3AVX2(dst, x, y, z *int32, n int)
TEXT ·add3AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ z+24(FP), R8
	HEAD(n+32(FP))

loop:
	VMOVDQU (SI)(AX*4), Y0
	VPADDD  (DX)(AX*4), Y0, Y0
	VPADDD  (R8)(AX*4), Y0, Y0
	VMOVDQU Y0, (DI)(AX*4)
	NEXT(loop)
	RET

// func addProductAVX2(dst, x, y, f *int32, n int)
TEXT ·addProductAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ f+24(FP), R8
	HEAD(n+32(FP))

loop:
	VMOVDQU (DX)(AX*4), Y0
	VPMULLD (R8)(AX*4), Y0, Y0
	VPADDD  (SI)(AX*4), Y0, Y0
	VMOVDQU Y0, (DI)(AX*4)
	NEXT(loop)
	RET

// func mulAVX2(dst, x, y *int32, n int)
TEXT ·mulAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	HEAD(n+24(FP))

loop:
	VMOVDQU (SI)(AX*4), Y0
	VPMULLD (DX)(AX*4), Y0, Y0
	VMOVDQU Y0, (DI)(AX*4)
	NEXT(loop)
	RET

// func addGuardedAVX2(v, sum, f, lo, hi *int32, bits *uint64, n int)
TEXT ·addGuardedAVX2(SB), NOSPLIT, $0-56
	MOVQ v+0(FP), DI
	MOVQ sum+8(FP), SI
	MOVQ f+16(FP), DX
	MOVQ lo+24(FP), R8
	MOVQ hi+32(FP), R9
	MOVQ bits+40(FP), R10
	HEAD(n+48(FP))

loop:
	VMOVDQU   (DI)(AX*4), Y0
	VMOVDQU   (R8)(AX*4), Y1
	VPCMPGTD  Y0, Y1, Y1           // lo > v
	VPCMPGTD  (R9)(AX*4), Y0, Y2   // v > hi
	VPOR      Y1, Y2, Y2
	VMOVDQU   (SI)(AX*4), Y3
	VPMULLD   (DX)(AX*4), Y3, Y3
	VPANDN    Y3, Y2, Y3           // nothing where either holds
	VPADDD    Y3, Y0, Y0
	VMOVDQU   Y0, (DI)(AX*4)
	VMOVMSKPS Y2, BX
	MOVB      BX, (R10)
	INCQ      R10
	NEXT(loop)
	RET

// func scaleAVX2(dst, x, f *int32, n int, k uint64, plus, negative, odd int64)
TEXT ·scaleAVX2(SB), NOSPLIT, $0-64
	MOVQ         dst+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         f+16(FP), DX
	VMOVQ        k+32(FP), X10
	VPBROADCASTQ plus+40(FP), Y11
	VPBROADCASTQ negative+48(FP), Y12
	VPBROADCASTQ odd+56(FP), Y13
	VPXOR        Y9, Y9, Y9
	HEAD(n+24(FP))

loop:
	VMOVDQU  (SI)(AX*4), Y0
	VMOVDQU  (DX)(AX*4), Y1
	VPMULDQ  Y1, Y0, Y2            // numbers 0, 2, 4, 6
	VPSRLQ   $32, Y0, Y0
	VPSRLQ   $32, Y1, Y1
	VPMULDQ  Y1, Y0, Y3            // numbers 1, 3, 5, 7
	VPCMPGTQ Y2, Y9, Y4            // below zero
	VPCMPGTQ Y3, Y9, Y5
	VPAND    Y12, Y4, Y4
	VPAND    Y12, Y5, Y5
	VPSRLQ   X10, Y2, Y6
	VPSRLQ   X10, Y3, Y7
	VPAND    Y13, Y6, Y6
	VPAND    Y13, Y7, Y7
	VPADDQ   Y11, Y2, Y2
	VPADDQ   Y11, Y3, Y3
	VPADDQ   Y4, Y6, Y4
	VPADDQ   Y5, Y7, Y5
	VPADDQ   Y4, Y2, Y2
	VPADDQ   Y5, Y3, Y3
	VPSRLQ   X10, Y2, Y2
	VPSRLQ   X10, Y3, Y3
	VPSLLQ   $32, Y3, Y3
	VPBLENDD $0xAA, Y3, Y2, Y2
	VMOVDQU  Y2, (DI)(AX*4)
	NEXT(loop)
	RET

// func clampAVX2(dst, x, lo, hi *int32, n int) (same int)
TEXT ·clampAVX2(SB), NOSPLIT, $0-48
	MOVQ  dst+0(FP), DI
	MOVQ  x+8(FP), SI
	MOVQ  lo+16(FP), DX
	MOVQ  hi+24(FP), R8
	VPXOR Y15, Y15, Y15
	HEAD(n+32(FP))

loop:
	VMOVDQU  (SI)(AX*4), Y0
	VPMAXSD  (DX)(AX*4), Y0, Y1
	VPMINSD  (R8)(AX*4), Y1, Y1
	VPCMPEQD Y0, Y1, Y2
	VPSUBD   Y2, Y15, Y15
	VMOVDQU  Y1, (DI)(AX*4)
	ADDQ     $8, AX
	CMPQ     AX, CX
	JLT      loop
	SUM
	VZEROUPPER
	MOVQ     BX, same+40(FP)
	RET

// func addSaturatedAVX2(dst, x, y *int32, n int) (changed int)
TEXT ·addSaturatedAVX2(SB), NOSPLIT, $0-40
	MOVQ     dst+0(FP), DI
	MOVQ     x+8(FP), SI
	MOVQ     y+16(FP), DX
	VPXOR    Y15, Y15, Y15
	VPCMPEQD Y14, Y14, Y14
	VPSRLD   $1, Y14, Y13
	HEAD(n+24(FP))

loop:
	VMOVDQU   (SI)(AX*4), Y0
	VMOVDQU   (DX)(AX*4), Y1
	VPADDD    Y0, Y1, Y2
	VPXOR     Y0, Y2, Y3
	VPXOR     Y1, Y2, Y4
	VPAND     Y3, Y4, Y3
	VPSRAD    $31, Y3, Y3
	VPSRAD    $31, Y0, Y4
	VPXOR     Y13, Y4, Y4
	VPBLENDVB Y3, Y4, Y2, Y2
	VPSUBD    Y3, Y15, Y15
	VMOVDQU   Y2, (DI)(AX*4)
	ADDQ      $8, AX
	CMPQ      AX, CX
	JLT       loop
	SUM
	VZEROUPPER
	MOVQ      BX, changed+32(FP)
	RET

// func wrapAVX2(x *int32, n int, k uint64) (same int)
TEXT ·wrapAVX2(SB), NOSPLIT, $0-32
	MOVQ  x+0(FP), DI
	VMOVQ k+16(FP), X10
	VPXOR Y15, Y15, Y15
	HEAD(n+8(FP))

loop:
	VMOVDQU  (DI)(AX*4), Y0
	VPSLLD   X10, Y0, Y1
	VPSRAD   X10, Y1, Y1
	VPCMPEQD Y0, Y1, Y2
	VPSUBD   Y2, Y15, Y15
	VMOVDQU  Y1, (DI)(AX*4)
	ADDQ     $8, AX
	CMPQ     AX, CX
	JLT      loop
	SUM
	VZEROUPPER
	MOVQ     BX, same+24(FP)
	RET

// func leakToZeroAVX2(dst, x, by *int32, n int)
TEXT ·leakToZeroAVX2(SB), NOSPLIT, $0-32
	MOVQ  dst+0(FP), DI
	MOVQ  x+8(FP), SI
	MOVQ  by+16(FP), DX
	VPXOR Y9, Y9, Y9
	HEAD(n+24(FP))

loop:
	VMOVDQU (SI)(AX*4), Y0
	VMOVDQU (DX)(AX*4), Y1
	VPSUBD  Y1, Y9, Y2
	VPMAXSD Y2, Y0, Y2
	VPMINSD Y1, Y2, Y2
	VPSUBD  Y2, Y0, Y0
	VMOVDQU Y0, (DI)(AX*4)
	NEXT(loop)
	RET

// func aboveAVX2(dst, x, y *int32, n int)
TEXT ·aboveAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	HEAD(n+24(FP))

loop:
	VMOVDQU  (SI)(AX*4), Y0
	VPCMPGTD (DX)(AX*4), Y0, Y0
	VMOVDQU  Y0, (DI)(AX*4)
	NEXT(loop)
	RET

// func notBelowAVX2(dst, x, y *int32, n int)
TEXT ·notBelowAVX2(SB), NOSPLIT, $0-32
	MOVQ     dst+0(FP), DI
	MOVQ     x+8(FP), SI
	MOVQ     y+16(FP), DX
	VPCMPEQD Y9, Y9, Y9
	HEAD(n+24(FP))

loop:
	VMOVDQU  (DX)(AX*4), Y0
	VPCMPGTD (SI)(AX*4), Y0, Y0
	VPXOR    Y9, Y0, Y0
	VMOVDQU  Y0, (DI)(AX*4)
	NEXT(loop)
	RET

// func andNotAVX2(dst, x *int32, n int)
TEXT ·andNotAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	HEAD(n+16(FP))

loop:
	VMOVDQU (SI)(AX*4), Y0
	VPANDN  (DI)(AX*4), Y0, Y0
	VMOVDQU Y0, (DI)(AX*4)
	NEXT(loop)
	RET

// func resetAVX2(dst, x, flags, keep, plus *int32, n int)
TEXT ·resetAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ flags+16(FP), DX
	MOVQ keep+24(FP), R8
	MOVQ plus+32(FP), R9
	HEAD(n+40(FP))

loop:
	VMOVDQU   (SI)(AX*4), Y0
	VMOVDQU   (DX)(AX*4), Y2
	VPAND     (R8)(AX*4), Y0, Y1
	VPADDD    (R9)(AX*4), Y1, Y1
	VPBLENDVB Y2, Y1, Y0, Y0
	VMOVDQU   Y0, (DI)(AX*4)
	NEXT(loop)
	RET

// func packAVX2(words *uint64, flags *int32, n int)
TEXT ·packAVX2(SB), NOSPLIT, $0-24
	MOVQ words+0(FP), DI
	MOVQ flags+8(FP), SI
	HEAD(n+16(FP))

loop:
	VMOVUPS   (SI)(AX*4), Y0
	VMOVMSKPS Y0, BX
	MOVB      BX, (DI)
	INCQ      DI
	NEXT(loop)
	RET

// func fireAVX2(v, sum, rest, thr, plus *int32, words *uint64, n int, shift uint64, low, high, keep int32) (same int)
TEXT ·fireAVX2(SB), NOSPLIT, $0-88
	MOVQ         v+0(FP), DI
	MOVQ         sum+8(FP), SI
	MOVQ         rest+16(FP), DX
	MOVQ         thr+24(FP), R8
	MOVQ         plus+32(FP), R9
	MOVQ         words+40(FP), R10
	VMOVQ        shift+56(FP), X10
	MOVL         low+64(FP), R11
	VMOVD        R11, X11
	VPBROADCASTD X11, Y11
	MOVL         high+68(FP), R11
	VMOVD        R11, X12
	VPBROADCASTD X12, Y12
	MOVL         keep+72(FP), R11
	VMOVD        R11, X13
	VPBROADCASTD X13, Y13
	VPXOR        Y15, Y15, Y15
	HEAD(n+48(FP))

loop:
	VMOVDQU   (SI)(AX*4), Y0
	VPSLLD    X10, Y0, Y0
	VPADDD    (DI)(AX*4), Y0, Y0
	VPADDD    (DX)(AX*4), Y0, Y0
	VPMAXSD   Y11, Y0, Y1
	VPMINSD   Y12, Y1, Y1
	VPCMPEQD  Y0, Y1, Y2
	VPSUBD    Y2, Y15, Y15
	VPCMPGTD  (R8)(AX*4), Y1, Y3
	VPAND     Y13, Y1, Y4
	VPADDD    (R9)(AX*4), Y4, Y4
	VPBLENDVB Y3, Y4, Y1, Y1
	VMOVDQU   Y1, (DI)(AX*4)
	VMOVMSKPS Y3, BX
	MOVB      BX, (R10)
	INCQ      R10
	ADDQ      $8, AX
	CMPQ      AX, CX
	JLT       loop
	SUM
	VZEROUPPER
	MOVQ      BX, same+80(FP)
	RET
