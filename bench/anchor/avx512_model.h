/*
 * Plain-C model of the thirteen AVX-512 intrinsics that anchor.c uses: checks the AVX-512 engines bit by bit on a machine
 * that has AVX2 only. Slow; its times mean nothing.
 *   cc -O2 -march=haswell -DANCHOR_AVX512_MODEL='"avx512_model.h"' anchor.c -o model && ./model -stress
 */
#include <immintrin.h>
typedef struct { short w[32]; } m512;
#define M512(expr) m512 r; for (int i = 0; i < 32; i++) r.w[i] = (short)(expr); return r
static inline m512 z_load(const void *p) { m512 r; memcpy(&r, p, 64); return r; }
static inline void z_store(void *p, m512 a) { memcpy(p, &a, 64); }
static inline m512 z_set1(short v) { M512(v); }
static inline m512 z_zero(void) { M512(0); }
static inline m512 z_add(m512 a, m512 b) { M512(a.w[i] + b.w[i]); }
static inline m512 z_sub(m512 a, m512 b) { M512(a.w[i] - b.w[i]); }
static inline m512 z_adds(m512 a, m512 b) { M512(a.w[i] + b.w[i] > 32767 ? 32767 : a.w[i] + b.w[i] < -32768 ? -32768 : a.w[i] + b.w[i]); }
static inline m512 z_srl(m512 a, int n) { M512((unsigned short)a.w[i] >> n); }
static inline m512 z_sll(m512 a, int n) { M512((unsigned short)a.w[i] << n); }
static inline unsigned z_ge(m512 a, m512 b) { unsigned m = 0; for (int i = 0; i < 32; i++) m |= (unsigned)(a.w[i] >= b.w[i]) << i; return m; }
static inline m512 z_msub(m512 s, unsigned m, m512 a, m512 b) { M512(m >> i & 1 ? a.w[i] - b.w[i] : s.w[i]); }
static inline m512 z_madd(m512 s, unsigned m, m512 a, m512 b) { M512(m >> i & 1 ? a.w[i] + b.w[i] : s.w[i]); }
static inline m512 z_perm2(m512 a, m512 k, m512 b) { M512(k.w[i] & 32 ? b.w[k.w[i] & 31] : a.w[k.w[i] & 31]); }
#define __m512i m512
#define __mmask32 unsigned
#define _mm512_loadu_si512 z_load
#define _mm512_storeu_si512 z_store
#define _mm512_set1_epi16 z_set1
#define _mm512_setzero_si512 z_zero
#define _mm512_add_epi16 z_add
#define _mm512_sub_epi16 z_sub
#define _mm512_adds_epi16 z_adds
#define _mm512_srli_epi16 z_srl
#define _mm512_slli_epi16 z_sll
#define _mm512_cmpge_epi16_mask z_ge
#define _mm512_mask_sub_epi16 z_msub
#define _mm512_mask_add_epi16 z_madd
#define _mm512_permutex2var_epi16 z_perm2
