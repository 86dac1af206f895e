/*
 * anchor.c - speed yardstick of the emulator.
 *
 * One spiking network, hard coded, run by several engines. The scalar dense engine is the definition; every other engine
 * must give the same ten integers an image. Nothing here is general: it shows what the arithmetic costs on a processor
 * when all overhead of a general program is gone.
 *
 * Network   28x28-12c5-2s-64c5-2s-10o (Diehl et al. 2015), no biases, trained on MNIST, int8 weights (emulator/anchor/diehl_q.bin).
 * Input     the pixels (0..255) as a constant current: I1[c][y][x] = (sum w1*px + 2^(SH-1)) >> SH, computed once.
 * Per step, in this order (all layers act within one step, zero axonal delay):
 *   conv1   V1 = sat16(V1 + I1);            s1 = V1 >= TH1;  V1 -= TH1 where s1
 *   pool1   P1 += sum of the 2x2 s1;        p1 = P1 >= 4;    P1 -= 4   where p1
 *   conv2   V2 = sat16(V2 + sum w2*p1);     s2 = V2 >= TH2;  V2 -= TH2 where s2
 *   pool2   P2 += sum of the 2x2 s2;        p2 = P2 >= 4;    P2 -= 4   where p2
 *   count   N += p2
 * Start     V1 = TH1/2, V2 = TH2/2, P1 = P2 = 2.
 * Read-out  logit[k] = sum w3[k]*N after T steps (equal to integrating the output current over T steps).
 *
 * Exactness: sum w2*p1 is formed in a wide adder and V2 saturates once per step, so the order of events is free.
 * check_norms() checks that every per-channel L1 norm is below 2^15; then all 16-bit partial sums are exact.
 *
 * Build     cc -O3 -march=native anchor.c -o anchor
 * Run       anchor WEIGHTS IMAGES LABELS [-n N] [-steps T] [-engine NAME] [-reps R]; README.md has the rest
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef ANCHOR_AVX512_MODEL /* plain-C model of the AVX-512 intrinsics, to check that path on a machine without it */
#include ANCHOR_AVX512_MODEL
#define HAVE512 1
#else
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if defined(__AVX512F__) && defined(__AVX512BW__)
#define HAVE512 1
#endif
#endif
#if defined(__AVX2__)
#define HAVE256 1
#endif

#define AL __attribute__((aligned(64)))
#ifdef __clang__
#define PLAIN __attribute__((noinline))
#else
#define PLAIN __attribute__((noinline, optimize("no-tree-vectorize"))) /* what a compiler without a vectoriser gives */
#endif
#define FAST __attribute__((noinline))
enum { MAXT = 256, ROWB = 24, BATCH = 32 }; /* a spike row: 12 pixels x 12 channels = 144 bits, padded to 24 bytes */

static int SH, TH1, TH2, V1_0, V2_0;
static const int P_0 = 2;
static int8_t q1[12][25], q2[64][12][25], q3[10][1024];
typedef struct { AL uint8_t r[MAXT][12][ROWB]; } Spikes; /* pool1 spikes: bit x*12+c of r[t][y] */
typedef uint16_t Counts[1024];                           /* pool2 spike counts: [position 0..15][channel 0..63] */

static double now(void) { struct timespec t; clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }
static inline int sat16(int v) { return v > 32767 ? 32767 : v < -32768 ? -32768 : v; }

/* ------------------------------------------------------------------ scalar: the definition */

PLAIN static void front_scalar(const uint8_t *img, int T, Spikes *s) {
  static int16_t I[24][24][12], V[24][24][12];
  static uint8_t P[12][12][12];
  for (int y = 0; y < 24; y++) for (int x = 0; x < 24; x++) for (int c = 0; c < 12; c++) {
    int a = 0;
    for (int k = 0; k < 25; k++) a += q1[c][k] * img[(y + k / 5) * 28 + x + k % 5];
    I[y][x][c] = (a + (1 << (SH - 1))) >> SH;
    V[y][x][c] = V1_0;
  }
  memset(P, P_0, sizeof P);
  for (int t = 0; t < T; t++) {
    memset(s->r[t], 0, sizeof s->r[t]);
    for (int y = 0; y < 24; y++) for (int x = 0; x < 24; x++) for (int c = 0; c < 12; c++) {
      int v = sat16(V[y][x][c] + I[y][x][c]), f = v >= TH1;
      V[y][x][c] = v - (f ? TH1 : 0);
      P[y / 2][x / 2][c] += f;
    }
    for (int y = 0; y < 12; y++) for (int x = 0; x < 12; x++) for (int c = 0; c < 12; c++)
      if (P[y][x][c] >= 4) { P[y][x][c] -= 4; s->r[t][y][(x * 12 + c) >> 3] |= 1 << ((x * 12 + c) & 7); }
  }
}
static int16_t V2[64][64];   /* [position][channel] */
static int8_t P2[16][64];
PLAIN static void fire_scalar(const int *I, int p) { /* IF of conv2 at position p, then pool2 input */
  for (int c = 0; c < 64; c++) {
    int v = sat16(V2[p][c] + I[c]), f = v >= TH2;
    V2[p][c] = v - (f ? TH2 : 0);
    P2[(p / 16) * 4 + (p % 8) / 2][c] += f;
  }
}
PLAIN static void pool2_scalar(Counts n) {
  for (int p = 0; p < 16; p++) for (int c = 0; c < 64; c++) if (P2[p][c] >= 4) { P2[p][c] -= 4; n[p * 64 + c]++; }
}
static void reset2(Counts n) {
  for (int p = 0; p < 64; p++) for (int c = 0; c < 64; c++) V2[p][c] = V2_0;
  memset(P2, P_0, sizeof P2);
  memset(n, 0, sizeof(Counts));
}
/* dense loop over all 300 inputs of every output: the definition, word for word */
PLAIN static void conv2_dense_scalar(const Spikes *s, int T, Counts n) {
  reset2(n);
  for (int t = 0; t < T; t++) {
    for (int p = 0; p < 64; p++) {
      int I[64];
      for (int o = 0; o < 64; o++) {
        int a = 0;
        for (int ky = 0; ky < 5; ky++) for (int kx = 0; kx < 5; kx++) for (int c = 0; c < 12; c++) {
          int b = (p % 8 + kx) * 12 + c;
          if (s->r[t][p / 8 + ky][b >> 3] >> (b & 7) & 1) a += q2[o][c][ky * 5 + kx];
        }
        I[o] = a;
      }
      fire_scalar(I, p);
    }
    pool2_scalar(n);
  }
}
/* event loop: for every spike, add its weight rows to the outputs it reaches; rows contiguous in the output channel */
static int8_t wsc[12][5][5][64]; /* [c][ky][4-kx][o] */
PLAIN static void conv2_event_scalar(const Spikes *s, int T, Counts n) {
  static int16_t acc[64][64];
  reset2(n);
  for (int t = 0; t < T; t++) {
    memset(acc, 0, sizeof acc);
    for (int y = 0; y < 12; y++) for (int b = 0; b < 144; b++) if (s->r[t][y][b >> 3] >> (b & 7) & 1) {
      int x = b / 12, c = b % 12, x0 = x < 4 ? 0 : x - 4, x1 = x < 7 ? x : 7, y0 = y < 4 ? 0 : y - 4, y1 = y < 7 ? y : 7;
      for (int oy = y0; oy <= y1; oy++) {
        const int8_t *w = wsc[c][y - oy][4 - (x - x0)];
        int16_t *a = acc[oy * 8 + x0];
        for (int j = 0; j < (x1 - x0 + 1) * 64; j++) a[j] += w[j];
      }
    }
    for (int p = 0; p < 64; p++) { int I[64]; for (int c = 0; c < 64; c++) I[c] = acc[p][c]; fire_scalar(I, p); }
    pool2_scalar(n);
  }
}

static void readout(const Counts n, int32_t *logit) {
  for (int k = 0; k < 10; k++) {
    int a = 0;
    for (int p = 0; p < 16; p++) for (int c = 0; c < 64; c++) a += q3[k][c * 16 + p] * n[p * 64 + c];
    logit[k] = a;
  }
}

/* ------------------------------------------------------------------ AVX2 */
#ifdef HAVE256
typedef __m256i Y;
#define LD(p) _mm256_loadu_si256((const Y *)(p))
#define ST(p, v) _mm256_storeu_si256((Y *)(p), (v))
#define S16(v) _mm256_set1_epi16((short)(v))

/* conv1 current in the order the pooling wants: cur[py][2*dy+dx][px*12+c] for image row 2*py+dy, column 2*px+dx */
AL static int16_t cur[12][4][160];
AL static int16_t w1p[13][32]; /* pairs of taps x 16 channels, for VPMADDWD */
FAST static void current_avx2(const uint8_t *img) {
  Y rnd = _mm256_set1_epi32(1 << (SH - 1));
  __m128i sh = _mm_cvtsi32_si128(SH);
  for (int y = 0; y < 24; y++) for (int x = 0; x < 24; x++) {
    uint8_t tap[26] = {0};
    for (int k = 0; k < 5; k++) memcpy(tap + 5 * k, img + (y + k) * 28 + x, 5);
    Y a = rnd, b = rnd;
    for (int k = 0; k < 13; k++) {
      Y v = _mm256_set1_epi32(tap[2 * k] | tap[2 * k + 1] << 16);
      a = _mm256_add_epi32(a, _mm256_madd_epi16(v, LD(w1p[k])));
      b = _mm256_add_epi32(b, _mm256_madd_epi16(v, LD(w1p[k] + 16)));
    }
    Y r = _mm256_permute4x64_epi64(_mm256_packs_epi32(_mm256_sra_epi32(a, sh), _mm256_sra_epi32(b, sh)), 0xD8);
    ST(&cur[y / 2][(y & 1) * 2 + (x & 1)][(x / 2) * 12], r); /* 4 lanes too many, overwritten by the next column */
  }
}
/* conv1 IF + pool1 IF for 16 pooled neurons at a time, all T steps with the state in registers */
FAST static void front_avx2(const uint8_t *img, int T, Spikes *s) {
  current_avx2(img);
  Y th = S16(TH1), tm = S16(TH1 - 1), three = S16(3), four = S16(4);
  for (int py = 0; py < 12; py++) {
    for (int k = 0; k < 9; k++) {
      Y I0 = LD(cur[py][0] + 16 * k), I1 = LD(cur[py][1] + 16 * k), I2 = LD(cur[py][2] + 16 * k), I3 = LD(cur[py][3] + 16 * k);
      Y a = S16(V1_0), b = a, c = a, d = a, P = S16(P_0);
      for (int t = 0; t < T; t++) {
        a = _mm256_adds_epi16(a, I0); b = _mm256_adds_epi16(b, I1); c = _mm256_adds_epi16(c, I2); d = _mm256_adds_epi16(d, I3);
        Y fa = _mm256_cmpgt_epi16(a, tm), fb = _mm256_cmpgt_epi16(b, tm), fc = _mm256_cmpgt_epi16(c, tm), fd = _mm256_cmpgt_epi16(d, tm);
        a = _mm256_sub_epi16(a, _mm256_and_si256(fa, th)); b = _mm256_sub_epi16(b, _mm256_and_si256(fb, th));
        c = _mm256_sub_epi16(c, _mm256_and_si256(fc, th)); d = _mm256_sub_epi16(d, _mm256_and_si256(fd, th));
        P = _mm256_sub_epi16(P, _mm256_add_epi16(_mm256_add_epi16(fa, fb), _mm256_add_epi16(fc, fd)));
        Y f = _mm256_cmpgt_epi16(P, three);
        P = _mm256_sub_epi16(P, _mm256_and_si256(f, four));
        uint16_t m = _mm_movemask_epi8(_mm_packs_epi16(_mm256_castsi256_si128(f), _mm256_extracti128_si256(f, 1)));
        memcpy(&s->r[t][py][2 * k], &m, 2);
      }
    }
    for (int t = 0; t < T; t++) memset(&s->r[t][py][18], 0, ROWB - 18);
  }
}

/* state of conv2/pool2 for the single-image engines */
AL static int16_t v2[64][64], p2v[16][64];
static void reset2v(Counts n) {
  for (int i = 0; i < 4096; i += 16) ST(&v2[0][0] + i, S16(V2_0));
  for (int i = 0; i < 1024; i += 16) ST(&p2v[0][0] + i, S16(P_0));
  memset(n, 0, sizeof(Counts));
}
/* V = sat(V+I); fire; soft reset. Returns the fire mask (-1/0) */
static inline Y fire(int16_t *v, Y I, Y th, Y tm) {
  Y x = _mm256_adds_epi16(LD(v), I), f = _mm256_cmpgt_epi16(x, tm);
  ST(v, _mm256_sub_epi16(x, _mm256_and_si256(f, th)));
  return f;
}
static inline void pool2_fire(int q, const Y sum[4], Counts n) { /* sum = sum of four fire masks, so -(number of spikes) */
  for (int j = 0; j < 4; j++) {
    Y x = _mm256_sub_epi16(LD(&p2v[q][16 * j]), sum[j]), f = _mm256_cmpgt_epi16(x, S16(3));
    ST(&p2v[q][16 * j], _mm256_sub_epi16(x, _mm256_and_si256(f, S16(4))));
    ST(n + q * 64 + 16 * j, _mm256_sub_epi16(LD(n + q * 64 + 16 * j), f));
  }
}

/* Event lists. One sorted list per spike row; the window of output column ox is the contiguous part rank[ox]..rank[ox+5].
 * An entry is x*12+c. Bytes, so that a list of up to 48 events and its ranks share one cache line. */
static uint64_t six[64];     /* positions of the set bits of a 6-bit word, one per byte */
static uint8_t sixn[64];
typedef struct { AL uint8_t rank[16]; uint8_t ev[144 + 32]; } RowList;
static inline void row_list(const uint8_t *row, RowList *l) {
  uint64_t w[3];
  memcpy(w, row, 24);
  int n = 0;
  for (int x = 0; x < 12; x++) {
    int b = x * 12;
    uint64_t m = w[b >> 6] >> (b & 63);
    if ((b & 63) > 52) m |= w[(b >> 6) + 1] << (64 - (b & 63));
    uint64_t lo = six[m & 63] + b * 0x0101010101010101ull, hi = six[m >> 6 & 63] + (b + 6) * 0x0101010101010101ull;
    l->rank[x] = n;
    memcpy(l->ev + n, &lo, 8);
    n += sixn[m & 63];
    memcpy(l->ev + n, &hi, 8);
    n += sixn[m >> 6 & 63];
  }
  l->rank[12] = n;
}
/* concatenate the five row windows of output (oy,ox) into byte offsets of 64-byte weight rows; padded with the zero row */
static inline int window(const RowList *rows, int oy, int ox, uint16_t *list) {
  int n = 0;
  for (int ky = 0; ky < 5; ky++) {
    const RowList *l = &rows[oy + ky];
    int a = l->rank[ox], k = l->rank[ox + 5] - a;
    Y o = S16(64 * (ky * 60 - 12 * ox));
#define WIDEN(p) _mm256_slli_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(p))), 6)
    ST(list + n, _mm256_add_epi16(WIDEN(l->ev + a), o));
    for (int j = 16; __builtin_expect(j < k, 0); j += 16) ST(list + n + j, _mm256_add_epi16(WIDEN(l->ev + a + j), o));
    n += k;
  }
  _mm_storeu_si128((__m128i *)(list + n), _mm_set1_epi16((short)(64 * 300)));
  return n;
}
enum { TB = 8 }; /* steps per visit of a position: keeps weights + lists + state inside 32 KB of L1 */
AL static int16_t wg16[301][64]; /* gather rows [ky*60+kx*12+c][o]; row 300 = 0 */
AL static uint8_t wg8[301][64];  /* the same + 128; bytes 32h+2j, 32h+2j+1 = channels 32h+j, 32h+16+j; row 300 = 128 */

/* The inner loops are functions of their own: inlined, the compiler spills accumulators to the stack.
 * int16 rows: 4 loads + 4 adds per event */
FAST static void rows16(const uint16_t *list, int n, Y o[4]) {
  Y a = _mm256_setzero_si256(), b = a, c = a, d = a;
  const char *base = (const char *)wg16;
  for (int e = 0; e < n; e += 4)
    for (int u = 0; u < 4; u++) {
      const char *w = base + 2 * (size_t)list[e + u];
      a = _mm256_add_epi16(a, LD(w)); b = _mm256_add_epi16(b, LD(w + 32));
      c = _mm256_add_epi16(c, LD(w + 64)); d = _mm256_add_epi16(d, LD(w + 96));
    }
  o[0] = a; o[1] = b; o[2] = c; o[3] = d;
}
/* offset bytes: a 16-bit lane holds two channels. A sums the words, H the high bytes; low = A - (H << 8), high = H */
FAST static void rows8(const uint16_t *list, int n, Y o[4]) {
  Y A = _mm256_setzero_si256(), H = A, B = A, G = A;
  const char *base = (const char *)wg8;
  int np = (n + 3) & ~3;
  for (int e = 0; e < np; e += 4)
    for (int u = 0; u < 4; u += 2) {
      const char *w = base + list[e + u], *r = base + list[e + u + 1];
      Y x = LD(w), y = LD(w + 32), p = LD(r), q = LD(r + 32);
      A = _mm256_add_epi16(A, _mm256_add_epi16(x, p));
      B = _mm256_add_epi16(B, _mm256_add_epi16(y, q));
      H = _mm256_add_epi16(H, _mm256_add_epi16(_mm256_srli_epi16(x, 8), _mm256_srli_epi16(p, 8)));
      G = _mm256_add_epi16(G, _mm256_add_epi16(_mm256_srli_epi16(y, 8), _mm256_srli_epi16(q, 8)));
    }
  Y off = S16(128 * np);
  o[0] = _mm256_sub_epi16(_mm256_sub_epi16(A, _mm256_slli_epi16(H, 8)), off);
  o[1] = _mm256_sub_epi16(H, off);
  o[2] = _mm256_sub_epi16(_mm256_sub_epi16(B, _mm256_slli_epi16(G, 8)), off);
  o[3] = _mm256_sub_epi16(G, off);
}
#define GATHER(NAME, ROWS)                                                                       \
  FAST static void NAME(const Spikes *s, int T, Counts cnt) {                                    \
    static RowList rows[TB][12];                                                                 \
    AL uint16_t list[384];                                                                       \
    reset2v(cnt);                                                                                \
    for (int t0 = 0; t0 < T; t0 += TB) {                                                         \
      int nt = T - t0 < TB ? T - t0 : TB;                                                        \
      for (int t = 0; t < nt; t++) for (int y = 0; y < 12; y++) row_list(s->r[t0 + t][y], &rows[t][y]); \
      for (int q = 0; q < 16; q++) for (int t = 0; t < nt; t++) {                                \
        AL Y sum[4], I[4];                                                                       \
        sum[0] = sum[1] = sum[2] = sum[3] = _mm256_setzero_si256();                              \
        for (int d = 0; d < 4; d++) {                                                            \
          int oy = (q >> 2) * 2 + (d >> 1), ox = (q & 3) * 2 + (d & 1), n = window(rows[t], oy, ox, list); \
          int16_t *v = v2[oy * 8 + ox];                                                          \
          ROWS(list, n, I);                                                                      \
          for (int j = 0; j < 4; j++) sum[j] = _mm256_add_epi16(sum[j], fire(v + 16 * j, I[j], S16(TH2), S16(TH2 - 1))); \
        }                                                                                        \
        pool2_fire(q, sum, cnt);                                                                 \
      }                                                                                          \
    }                                                                                            \
  }
GATHER(conv2_gather16, rows16)
GATHER(conv2_gather8, rows8)

/* IF + pool2 of one step from a buffer of currents acc[position][channel] */
static inline void step_fire(const int16_t (*acc)[64], Counts cnt) {
  Y th = S16(TH2), tm = S16(TH2 - 1);
  for (int q = 0; q < 16; q++) {
    Y sum[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
    for (int d = 0; d < 4; d++) {
      int p = ((q >> 2) * 2 + (d >> 1)) * 8 + (q & 3) * 2 + (d & 1);
      for (int j = 0; j < 4; j++) sum[j] = _mm256_add_epi16(sum[j], fire(v2[p] + 16 * j, LD(acc[p] + 16 * j), th, tm));
    }
    pool2_fire(q, sum, cnt);
  }
}
/* scatter: each spike adds its rows into the current buffer (int16 rows) */
AL static int16_t wsc16[12][5][5][64]; /* [c][ky][4-kx][o] */
FAST static void conv2_scatter(const Spikes *s, int T, Counts cnt) {
  AL static int16_t acc[64][64];
  reset2v(cnt);
  for (int t = 0; t < T; t++) {
    memset(acc, 0, sizeof acc);
    for (int y = 0; y < 12; y++) {
      RowList l;
      row_list(s->r[t][y], &l);
      int y0 = y < 4 ? 0 : y - 4, y1 = y < 7 ? y : 7;
      for (int x = 0; x < 12; x++) for (int e = l.rank[x]; e < l.rank[x + 1]; e++) {
        int c = l.ev[e] - 12 * x, x0 = x < 4 ? 0 : x - 4, x1 = x < 7 ? x : 7, len = (x1 - x0 + 1) * 64;
        for (int oy = y0; oy <= y1; oy++) {
          const int16_t *w = wsc16[c][y - oy][4 - (x - x0)];
          int16_t *a = acc[oy * 8 + x0];
          for (int j = 0; j < len; j += 64) {
            ST(a + j, _mm256_add_epi16(LD(a + j), LD(w + j))); ST(a + j + 16, _mm256_add_epi16(LD(a + j + 16), LD(w + j + 16)));
            ST(a + j + 32, _mm256_add_epi16(LD(a + j + 32), LD(w + j + 32))); ST(a + j + 48, _mm256_add_epi16(LD(a + j + 48), LD(w + j + 48)));
          }
        }
      }
    }
    step_fire((const int16_t (*)[64])acc, cnt);
  }
}
/* dense: 0/1 bytes times int8 weights with VPMADDUBSW; four inputs per 32-bit lane, one lane per output channel */
AL static int8_t wd[2][75][32][4]; /* [half of the channels][ky*15+kx*3+c/4][channel][c%4] */
enum { PXW = 144 + 32 };
FAST static void dense_tile(const uint8_t *px, const int8_t (*w)[32][4], int16_t *acc) { /* 2 positions x 32 channels */
  const Y o16 = S16(1);
  Y a0 = _mm256_setzero_si256(), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (int ky = 0; ky < 5; ky++, px += PXW)
    for (int k = 0; k < 15; k++, w++) {
      Y u = _mm256_broadcastd_epi32(_mm_loadu_si32(px + 4 * k)), v = _mm256_broadcastd_epi32(_mm_loadu_si32(px + 12 + 4 * k));
      a0 = _mm256_add_epi16(a0, _mm256_maddubs_epi16(u, LD(w[0][0]))); b0 = _mm256_add_epi16(b0, _mm256_maddubs_epi16(v, LD(w[0][0])));
      a1 = _mm256_add_epi16(a1, _mm256_maddubs_epi16(u, LD(w[0][8]))); b1 = _mm256_add_epi16(b1, _mm256_maddubs_epi16(v, LD(w[0][8])));
      a2 = _mm256_add_epi16(a2, _mm256_maddubs_epi16(u, LD(w[0][16]))); b2 = _mm256_add_epi16(b2, _mm256_maddubs_epi16(v, LD(w[0][16])));
      a3 = _mm256_add_epi16(a3, _mm256_maddubs_epi16(u, LD(w[0][24]))); b3 = _mm256_add_epi16(b3, _mm256_maddubs_epi16(v, LD(w[0][24])));
      __asm__ volatile("" ::: "memory"); /* no unrolling: the compiler would carry words across iterations and spill */
    }
#define PAIRS(p, q) _mm256_permute4x64_epi64(_mm256_packs_epi32(_mm256_madd_epi16(p, o16), _mm256_madd_epi16(q, o16)), 0xD8)
  ST(acc, PAIRS(a0, a1)); ST(acc + 16, PAIRS(a2, a3));
  ST(acc + 64, PAIRS(b0, b1)); ST(acc + 80, PAIRS(b2, b3));
}
FAST static void conv2_dense(const Spikes *s, int T, Counts cnt) {
  AL static uint8_t px[12][PXW];
  AL static int16_t acc[64][64];
  reset2v(cnt);
  const Y bit = _mm256_set1_epi64x((long long)0x8040201008040201ull), one = _mm256_set1_epi8(1);
  const Y spread = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
  for (int t = 0; t < T; t++) {
    for (int y = 0; y < 12; y++) for (int k = 0; k < 5; k++) { /* bits -> bytes */
      int32_t m;
      memcpy(&m, &s->r[t][y][4 * k], 4);
      Y b = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32(m), spread), bit);
      ST(px[y] + 32 * k, _mm256_and_si256(_mm256_cmpeq_epi8(b, bit), one));
    }
    for (int h = 0; h < 2; h++) for (int oy = 0; oy < 8; oy++) for (int ox = 0; ox < 8; ox += 2)
      dense_tile(px[oy] + ox * 12, wd[h], acc[oy * 8 + ox] + 32 * h);
    step_fire((const int16_t (*)[64])acc, cnt);
  }
}

/* Look-up: four inputs -> 16 partial sums, +508, split in 7 low and 3 high bits, two 16-byte tables for VPSHUFB.
 * 32 lanes = 32 images, or 32 time steps of one image. Byte 2j is lane j, byte 2j+1 lane 16+j. */
AL static uint8_t tab[16][76][4][2][16]; /* [block of 4 channels][group][channel][low, high]; group 75 = 0 */
typedef struct { uint32_t idx, tab; } Group; /* byte offsets */
FAST static void lut_tile(const uint8_t *idx, const Group *g, int ng, const uint8_t *tb, int nreal, Y out[4][2]) {
  Y A[4], H[4], X[4];
  for (int i = 0; i < 4; i++) A[i] = H[i] = X[i] = _mm256_setzero_si256();
  for (int k0 = 0; k0 < ng; k0 += 32) { /* X holds at most 32*7 per byte */
    int k1 = k0 + 32 < ng ? k0 + 32 : ng;
    for (int k = k0; k < k1; k += 2) {
      Y i0 = LD(idx + g[k].idx), i1 = LD(idx + g[k + 1].idx);
      const uint8_t *p = tb + g[k].tab, *r = tb + g[k + 1].tab;
#define TABLE(p) _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(p)))
      for (int i = 0; i < 4; i++) {
        Y lo = _mm256_add_epi8(_mm256_shuffle_epi8(TABLE(p + 32 * i), i0), _mm256_shuffle_epi8(TABLE(r + 32 * i), i1));
        X[i] = _mm256_add_epi8(X[i], _mm256_add_epi8(_mm256_shuffle_epi8(TABLE(p + 32 * i + 16), i0), _mm256_shuffle_epi8(TABLE(r + 32 * i + 16), i1)));
        A[i] = _mm256_add_epi16(A[i], lo);
        H[i] = _mm256_add_epi16(H[i], _mm256_srli_epi16(lo, 8));
      }
    }
    for (int i = 0; i < 4; i++) {
      Y e = _mm256_srli_epi16(_mm256_slli_epi16(X[i], 8), 1), o = _mm256_srli_epi16(X[i], 8); /* e is 128 * even byte */
      H[i] = _mm256_add_epi16(H[i], _mm256_slli_epi16(o, 7));
      A[i] = _mm256_add_epi16(A[i], _mm256_add_epi16(e, _mm256_slli_epi16(o, 15)));
      X[i] = _mm256_setzero_si256();
    }
  }
  Y off = S16(508 * nreal);
  for (int i = 0; i < 4; i++) {
    out[i][0] = _mm256_sub_epi16(_mm256_sub_epi16(A[i], _mm256_slli_epi16(H[i], 8)), off);
    out[i][1] = _mm256_sub_epi16(H[i], off);
  }
}
/* 16 rows of 16 bytes -> transposed */
static inline void tr16(const uint8_t *const src[16], __m128i o[16]) {
  __m128i a[16], b[16];
  for (int i = 0; i < 16; i++) a[i] = _mm_loadu_si128((const __m128i *)src[i]);
  for (int i = 0; i < 8; i++) { b[2 * i] = _mm_unpacklo_epi8(a[i], a[i + 8]); b[2 * i + 1] = _mm_unpackhi_epi8(a[i], a[i + 8]); }
  for (int i = 0; i < 8; i++) { a[2 * i] = _mm_unpacklo_epi8(b[i], b[i + 8]); a[2 * i + 1] = _mm_unpackhi_epi8(b[i], b[i + 8]); }
  for (int i = 0; i < 8; i++) { b[2 * i] = _mm_unpacklo_epi8(a[i], a[i + 8]); b[2 * i + 1] = _mm_unpackhi_epi8(a[i], a[i + 8]); }
  for (int i = 0; i < 8; i++) { o[2 * i] = _mm_unpacklo_epi8(b[i], b[i + 8]); o[2 * i + 1] = _mm_unpackhi_epi8(b[i], b[i + 8]); }
}
static inline void nibbles(const uint8_t *row, uint8_t *o) { /* 18 bytes -> 36 (48) bytes of 0..15 */
  __m128i lo4 = _mm_set1_epi8(15), a = _mm_loadu_si128((const __m128i *)row);
  __m128i l = _mm_and_si128(a, lo4), h = _mm_and_si128(_mm_srli_epi16(a, 4), lo4);
  _mm_storeu_si128((__m128i *)o, _mm_unpacklo_epi8(l, h));
  _mm_storeu_si128((__m128i *)(o + 16), _mm_unpackhi_epi8(l, h));
  for (int i = 0; i < 4; i++) o[32 + i] = i & 1 ? row[16 + i / 2] >> 4 : row[16 + i / 2] & 15;
}
/* idx[pixel group 0..35 of a row][32 lanes] from 32 spike rows */
static inline void index_row(const uint8_t *const lane[32], uint8_t (*idx)[32]) {
  AL uint8_t nb[32][48];
  for (int i = 0; i < 32; i++) nibbles(lane[i], nb[i]);
  for (int k = 0; k < 36; k += 16) {
    const uint8_t *a[16], *b[16];
    __m128i x[16], y[16];
    for (int i = 0; i < 16; i++) { a[i] = nb[i] + k; b[i] = nb[16 + i] + k; }
    tr16(a, x);
    tr16(b, y);
    for (int i = 0; i < 16 && k + i < 36; i++) {
      _mm_store_si128((__m128i *)idx[k + i], _mm_unpacklo_epi8(x[i], y[i]));
      _mm_store_si128((__m128i *)(idx[k + i] + 16), _mm_unpackhi_epi8(x[i], y[i]));
    }
  }
}
/* 32 images in the lanes; time in tiles of 16 steps */
FAST static void conv2_lut_images(const Spikes *s, int T, Counts *cnt) {
  AL static uint8_t idx[16][12 * 36 + 1][32];
  AL static int16_t v[64][64][32], p2[16][64][32], nn[16][64][32];
  AL static int16_t fs[16][64][4][32]; /* [time in tile][position][channel of block][image]: fire masks */
  static Group g[64][76];
  for (int p = 0; p < 64; p++) {
    for (int k = 0; k < 75; k++) g[p][k] = (Group){32 * ((p / 8 + k / 15) * 36 + (p % 8) * 3 + k % 15), k * 128};
    g[p][75] = (Group){32 * 12 * 36, 75 * 128};
  }
  for (int i = 0; i < 64 * 64 * 32; i += 16) ST(&v[0][0][0] + i, S16(V2_0));
  for (int i = 0; i < 16 * 64 * 32; i += 16) { ST(&p2[0][0][0] + i, S16(P_0)); ST(&nn[0][0][0] + i, S16(0)); }
  Y th = S16(TH2), tm = S16(TH2 - 1), three = S16(3), four = S16(4);
  for (int t0 = 0; t0 < T; t0 += 16) {
    int nt = T - t0 < 16 ? T - t0 : 16;
    for (int t = 0; t < nt; t++) for (int y = 0; y < 12; y++) {
      const uint8_t *lane[32];
      for (int i = 0; i < 32; i++) lane[i] = s[i].r[t0 + t][y];
      index_row(lane, idx[t] + y * 36);
    }
    for (int ob = 0; ob < 16; ob++) {
      for (int t = 0; t < nt; t++) for (int p = 0; p < 64; p++) {
        Y I[4][2];
        lut_tile(idx[t][0], g[p], 76, (const uint8_t *)tab[ob], 75, I);
        for (int i = 0; i < 4; i++) for (int h = 0; h < 2; h++) ST(&fs[t][p][i][16 * h], fire(&v[p][ob * 4 + i][16 * h], I[i][h], th, tm));
      }
      for (int q = 0; q < 16; q++) for (int i = 0; i < 4; i++) for (int h = 0; h < 2; h++) {
        int16_t *pv = &p2[q][ob * 4 + i][16 * h], *pn = &nn[q][ob * 4 + i][16 * h];
        Y x = LD(pv), n = LD(pn);
        int p = (q >> 2) * 16 + (q & 3) * 2;
        for (int t = 0; t < nt; t++) {
          x = _mm256_sub_epi16(x, _mm256_add_epi16(_mm256_add_epi16(LD(&fs[t][p][i][16 * h]), LD(&fs[t][p + 1][i][16 * h])),
                                                   _mm256_add_epi16(LD(&fs[t][p + 8][i][16 * h]), LD(&fs[t][p + 9][i][16 * h]))));
          Y f = _mm256_cmpgt_epi16(x, three);
          x = _mm256_sub_epi16(x, _mm256_and_si256(f, four));
          n = _mm256_sub_epi16(n, f);
        }
        ST(pv, x);
        ST(pn, n);
      }
    }
  }
  for (int q = 0; q < 16; q++) for (int c = 0; c < 64; c++) for (int i = 0; i < 32; i++) cnt[i][q * 64 + c] = nn[q][c][i];
}
static inline void tr16w(Y r[16]) { /* 16x16 int16 transpose */
  Y a[16], b[16];
  for (int i = 0; i < 8; i++) { a[2 * i] = _mm256_unpacklo_epi16(r[2 * i], r[2 * i + 1]); a[2 * i + 1] = _mm256_unpackhi_epi16(r[2 * i], r[2 * i + 1]); }
  for (int i = 0; i < 4; i++) {
    b[4 * i] = _mm256_unpacklo_epi32(a[4 * i], a[4 * i + 2]); b[4 * i + 1] = _mm256_unpackhi_epi32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 2] = _mm256_unpacklo_epi32(a[4 * i + 1], a[4 * i + 3]); b[4 * i + 3] = _mm256_unpackhi_epi32(a[4 * i + 1], a[4 * i + 3]);
  }
  for (int i = 0; i < 2; i++) for (int j = 0; j < 4; j++) {
    a[8 * i + 2 * j] = _mm256_unpacklo_epi64(b[8 * i + j], b[8 * i + 4 + j]);
    a[8 * i + 2 * j + 1] = _mm256_unpackhi_epi64(b[8 * i + j], b[8 * i + 4 + j]);
  }
  for (int j = 0; j < 8; j++) { r[j] = _mm256_permute2x128_si256(a[j], a[8 + j], 0x20); r[8 + j] = _mm256_permute2x128_si256(a[j], a[8 + j], 0x31); }
}
/* 32 time steps of one image in the lanes; groups of four inputs that stay silent in all 32 steps are skipped */
FAST static void conv2_lut_time(const Spikes *s, int T, Counts cnt) {
  AL static uint8_t idx[12 * 36 + 1][32];
  AL static int16_t cu[64][64][32]; /* current [position][channel][time] */
  static Group g[64][80];
  static int ng[64], nr[64];
  static const uint8_t silent[ROWB];
  reset2v(cnt);
  Y th = S16(TH2), tm = S16(TH2 - 1);
  for (int t0 = 0; t0 < T; t0 += 32) {
    int nt = T - t0 < 32 ? T - t0 : 32;
    uint8_t live[12][36];
    for (int y = 0; y < 12; y++) {
      const uint8_t *lane[32];
      for (int i = 0; i < 32; i++) lane[i] = i < nt ? s->r[t0 + i][y] : silent;
      index_row(lane, idx + y * 36);
      for (int k = 0; k < 36; k++) { Y x = LD(idx[y * 36 + k]); live[y][k] = !_mm256_testz_si256(x, x); }
    }
    for (int p = 0; p < 64; p++) {
      int n = 0;
      for (int k = 0; k < 75; k++) {
        int y = p / 8 + k / 15, x = (p % 8) * 3 + k % 15;
        g[p][n] = (Group){32 * (y * 36 + x), k * 128};
        n += live[y][x];
      }
      nr[p] = n;
      if (n & 1) g[p][n++] = (Group){32 * 12 * 36, 75 * 128};
      ng[p] = n;
    }
    for (int ob = 0; ob < 16; ob++) for (int p = 0; p < 64; p++) {
      Y I[4][2];
      lut_tile(idx[0], g[p], ng[p], (const uint8_t *)tab[ob], nr[p], I);
      for (int i = 0; i < 4; i++) { ST(cu[p][ob * 4 + i], I[i][0]); ST(cu[p][ob * 4 + i] + 16, I[i][1]); }
    }
    for (int q = 0; q < 16; q++) for (int j = 0; j < 4; j++) { /* 16 channels of a pooled position */
      Y P = LD(&p2v[q][16 * j]), N = LD(cnt + q * 64 + 16 * j);
      int p = (q >> 2) * 16 + (q & 3) * 2;
      for (int h = 0; h < nt; h += 16) {
        AL Y sum[16];
        for (int d = 0; d < 4; d++) {
          int pp = p + (d >> 1) * 8 + (d & 1);
          Y r[16], v = LD(&v2[pp][16 * j]);
          for (int i = 0; i < 16; i++) r[i] = LD(&cu[pp][16 * j + i][h]);
          tr16w(r);
          int m = nt - h < 16 ? nt - h : 16;
          for (int t = 0; t < m; t++) {
            v = _mm256_adds_epi16(v, r[t]);
            Y f = _mm256_cmpgt_epi16(v, tm);
            v = _mm256_sub_epi16(v, _mm256_and_si256(f, th));
            sum[t] = d ? _mm256_add_epi16(sum[t], f) : f;
          }
          ST(&v2[pp][16 * j], v);
        }
        for (int t = 0; t < 16 && h + t < nt; t++) {
          P = _mm256_sub_epi16(P, sum[t]);
          Y f = _mm256_cmpgt_epi16(P, S16(3));
          P = _mm256_sub_epi16(P, _mm256_and_si256(f, S16(4)));
          N = _mm256_sub_epi16(N, f);
        }
      }
      ST(&p2v[q][16 * j], P);
      ST(cnt + q * 64 + 16 * j, N);
    }
  }
}
#endif /* HAVE256 */

/* ------------------------------------------------------------------ AVX-512 (F + BW) */
#if defined(HAVE512) && defined(HAVE256)
typedef __m512i Z;
#define LDZ(p) _mm512_loadu_si512((const void *)(p))
#define STZ(p, v) _mm512_storeu_si512((void *)(p), (v))
#define Z16(v) _mm512_set1_epi16((short)(v))
AL static uint8_t wg512[301][64]; /* +128; bytes 2j, 2j+1 = channels j, 32+j; row 300 = 128 */
FAST static void conv2_gather512(const Spikes *s, int T, Counts cnt) {
  static RowList rows[TB][12];
  AL uint16_t list[384];
  reset2v(cnt);
  Z th = Z16(TH2), four = Z16(4), one = Z16(1);
  for (int t0 = 0; t0 < T; t0 += TB) {
    int nt = T - t0 < TB ? T - t0 : TB;
    for (int t = 0; t < nt; t++) for (int y = 0; y < 12; y++) row_list(s->r[t0 + t][y], &rows[t][y]);
    for (int q = 0; q < 16; q++) for (int t = 0; t < nt; t++) {
      Z s0 = _mm512_setzero_si512(), s1 = s0;
      for (int d = 0; d < 4; d++) {
        int oy = (q >> 2) * 2 + (d >> 1), ox = (q & 3) * 2 + (d & 1), n = window(rows[t], oy, ox, list), np = (n + 3) & ~3;
        Z A = _mm512_setzero_si512(), B = A, H = A, G = A;
        for (int e = 0; e < np; e += 4) {
          Z a = LDZ(wg512[0] + list[e]), b = LDZ(wg512[0] + list[e + 1]), c = LDZ(wg512[0] + list[e + 2]), f = LDZ(wg512[0] + list[e + 3]);
          A = _mm512_add_epi16(A, _mm512_add_epi16(a, b)); B = _mm512_add_epi16(B, _mm512_add_epi16(c, f));
          H = _mm512_add_epi16(H, _mm512_add_epi16(_mm512_srli_epi16(a, 8), _mm512_srli_epi16(b, 8)));
          G = _mm512_add_epi16(G, _mm512_add_epi16(_mm512_srli_epi16(c, 8), _mm512_srli_epi16(f, 8)));
        }
        A = _mm512_add_epi16(A, B);
        H = _mm512_add_epi16(H, G);
        Z off = Z16(128 * np);
        int16_t *v = v2[oy * 8 + ox];
        Z x = _mm512_adds_epi16(LDZ(v), _mm512_sub_epi16(_mm512_sub_epi16(A, _mm512_slli_epi16(H, 8)), off));
        Z y = _mm512_adds_epi16(LDZ(v + 32), _mm512_sub_epi16(H, off));
        __mmask32 fx = _mm512_cmpge_epi16_mask(x, th), fy = _mm512_cmpge_epi16_mask(y, th);
        STZ(v, _mm512_mask_sub_epi16(x, fx, x, th));
        STZ(v + 32, _mm512_mask_sub_epi16(y, fy, y, th));
        s0 = _mm512_mask_add_epi16(s0, fx, s0, one);
        s1 = _mm512_mask_add_epi16(s1, fy, s1, one);
      }
      for (int h = 0; h < 2; h++) {
        Z x = _mm512_add_epi16(LDZ(p2v[q] + 32 * h), h ? s1 : s0), n = LDZ(cnt + q * 64 + 32 * h);
        __mmask32 f = _mm512_cmpge_epi16_mask(x, four);
        STZ(p2v[q] + 32 * h, _mm512_mask_sub_epi16(x, f, x, four));
        STZ(cnt + q * 64 + 32 * h, _mm512_mask_add_epi16(n, f, n, one));
      }
    }
  }
}
/* Look-up with VPERMI2W: six inputs -> 64 partial sums in two registers; 32 images in the int16 lanes */
AL static int16_t tab6[16][50][4][64]; /* [block of 4 channels][ky*10+kx*2+half][channel][index] */
FAST static void conv2_lut512(const Spikes *s, int T, Counts *cnt) {
  AL static int16_t idx[16][12 * 24][32];
  AL static int16_t v[64][64][32], p2[16][64][32], nn[16][64][32];
  static uint32_t fs[16][64][4];
  for (int i = 0; i < 64 * 64 * 32; i += 32) STZ(&v[0][0][0] + i, Z16(V2_0));
  for (int i = 0; i < 16 * 64 * 32; i += 32) { STZ(&p2[0][0][0] + i, Z16(P_0)); STZ(&nn[0][0][0] + i, Z16(0)); }
  Z th = Z16(TH2), four = Z16(4), one = Z16(1);
  for (int t0 = 0; t0 < T; t0 += 16) {
    int nt = T - t0 < 16 ? T - t0 : 16;
    for (int t = 0; t < nt; t++) for (int y = 0; y < 12; y++) for (int i = 0; i < 32; i++) {
      uint64_t w[3];
      memcpy(w, s[i].r[t0 + t][y], 24);
      for (int g = 0; g < 24; g++) {
        int b = 6 * g;
        uint64_t m = w[b >> 6] >> (b & 63);
        if ((b & 63) > 58) m |= w[(b >> 6) + 1] << (64 - (b & 63));
        idx[t][y * 24 + g][i] = m & 63;
      }
    }
    for (int ob = 0; ob < 16; ob++) {
      for (int t = 0; t < nt; t++) for (int oy = 0; oy < 8; oy++) for (int ox = 0; ox < 8; ox += 4) {
        Z a[4][4];
        for (int i = 0; i < 16; i++) a[i >> 2][i & 3] = _mm512_setzero_si512();
        for (int ky = 0; ky < 5; ky++) for (int k = 0; k < 10; k++) {
          const int16_t(*id)[32] = &idx[t][(oy + ky) * 24 + ox * 2 + k];
          Z i0 = LDZ(id[0]), i1 = LDZ(id[2]), i2 = LDZ(id[4]), i3 = LDZ(id[6]);
          for (int i = 0; i < 4; i++) {
            Z l = LDZ(tab6[ob][ky * 10 + k][i]), h = LDZ(tab6[ob][ky * 10 + k][i] + 32);
            a[i][0] = _mm512_add_epi16(a[i][0], _mm512_permutex2var_epi16(l, i0, h)); a[i][1] = _mm512_add_epi16(a[i][1], _mm512_permutex2var_epi16(l, i1, h));
            a[i][2] = _mm512_add_epi16(a[i][2], _mm512_permutex2var_epi16(l, i2, h)); a[i][3] = _mm512_add_epi16(a[i][3], _mm512_permutex2var_epi16(l, i3, h));
          }
        }
        for (int j = 0; j < 4; j++) for (int i = 0; i < 4; i++) {
          int16_t *vp = v[oy * 8 + ox + j][ob * 4 + i];
          Z x = _mm512_adds_epi16(LDZ(vp), a[i][j]);
          __mmask32 f = _mm512_cmpge_epi16_mask(x, th);
          STZ(vp, _mm512_mask_sub_epi16(x, f, x, th));
          fs[t][oy * 8 + ox + j][i] = f;
        }
      }
      for (int q = 0; q < 16; q++) for (int i = 0; i < 4; i++) {
        int16_t *pv = p2[q][ob * 4 + i], *pn = nn[q][ob * 4 + i];
        Z x = LDZ(pv), n = LDZ(pn);
        int p = (q >> 2) * 16 + (q & 3) * 2;
        for (int t = 0; t < nt; t++) {
          x = _mm512_mask_add_epi16(x, fs[t][p][i], x, one); x = _mm512_mask_add_epi16(x, fs[t][p + 1][i], x, one);
          x = _mm512_mask_add_epi16(x, fs[t][p + 8][i], x, one); x = _mm512_mask_add_epi16(x, fs[t][p + 9][i], x, one);
          __mmask32 f = _mm512_cmpge_epi16_mask(x, four);
          x = _mm512_mask_sub_epi16(x, f, x, four);
          n = _mm512_mask_add_epi16(n, f, n, one);
        }
        STZ(pv, x);
        STZ(pn, n);
      }
    }
  }
  for (int q = 0; q < 16; q++) for (int c = 0; c < 64; c++) for (int i = 0; i < 32; i++) cnt[i][q * 64 + c] = nn[q][c][i];
}
#endif

/* ------------------------------------------------------------------ engines */

typedef struct {
  const char *name, *isa, *about;
  void (*one)(const Spikes *, int, Counts);    /* one image */
  void (*many)(const Spikes *, int, Counts *); /* BATCH images */
  int scalar;
} Engine;
static const Engine engines[] = {
    {"scalar-dense", "scalar", "the definition, all 300 inputs of every output", conv2_dense_scalar, 0, 1},
    {"scalar-event", "scalar", "event by event, rows of channels", conv2_event_scalar, 0, 1},
#ifdef HAVE256
    {"avx2-gather16", "avx2", "gather, int16 rows", conv2_gather16, 0, 0},
    {"avx2-gather8", "avx2", "gather, offset bytes", conv2_gather8, 0, 0},
    {"avx2-scatter", "avx2", "scatter, int16 rows", conv2_scatter, 0, 0},
    {"avx2-dense", "avx2", "dense, VPMADDUBSW", conv2_dense, 0, 0},
    {"avx2-lookup-images", "avx2", "look-up, 32 images in the lanes", 0, conv2_lut_images, 0},
    {"avx2-lookup-steps", "avx2", "look-up, 32 steps in the lanes", conv2_lut_time, 0, 0},
#endif
#if defined(HAVE512) && defined(HAVE256)
    {"avx512-gather", "avx512", "gather, offset bytes", conv2_gather512, 0, 0},
    {"avx512-lookup-images", "avx512", "look-up, 32 images in the lanes", 0, conv2_lut512, 0},
#endif
};
enum { NE = sizeof engines / sizeof *engines };

static void tables(void) { /* everything derived from q1, q2 */
  for (int o = 0; o < 64; o++) for (int c = 0; c < 12; c++) for (int k = 0; k < 25; k++) wsc[c][k / 5][4 - k % 5][o] = q2[o][c][k];
#ifdef HAVE256
  for (int p = 0; p < 13; p++) for (int c = 0; c < 16; c++) for (int i = 0; i < 2; i++) w1p[p][2 * c + i] = c < 12 && 2 * p + i < 25 ? q1[c][2 * p + i] : 0;
  for (int m = 0; m < 64; m++) { int n = 0; six[m] = 0; for (int b = 0; b < 6; b++) if (m >> b & 1) six[m] |= (uint64_t)b << 8 * n++; sixn[m] = n; }
  memset(wg8[300], 128, 64);
  for (int o = 0; o < 64; o++) for (int c = 0; c < 12; c++) for (int k = 0; k < 25; k++) {
    int r = k / 5 * 60 + k % 5 * 12 + c, w = q2[o][c][k];
    wg16[r][o] = w;
    wg8[r][o / 32 * 32 + o % 16 * 2 + o / 16 % 2] = w + 128;
    wsc16[c][k / 5][4 - k % 5][o] = w;
    wd[o / 32][k / 5 * 15 + k % 5 * 3 + c / 4][o % 32][c % 4] = w;
  }
  for (int o = 0; o < 64; o++) for (int k = 0; k < 25; k++) for (int h = 0; h < 3; h++) for (int m = 0; m < 16; m++) {
    int a = 508;
    for (int b = 0; b < 4; b++) if (m >> b & 1) a += q2[o][h * 4 + b][k];
    tab[o / 4][k * 3 + h][o % 4][0][m] = a & 127;
    tab[o / 4][k * 3 + h][o % 4][1][m] = a >> 7;
  }
#endif
#if defined(HAVE512) && defined(HAVE256)
  memset(wg512[300], 128, 64);
  for (int o = 0; o < 64; o++) for (int c = 0; c < 12; c++) for (int k = 0; k < 25; k++)
    wg512[k / 5 * 60 + k % 5 * 12 + c][o < 32 ? 2 * o : 2 * (o - 32) + 1] = q2[o][c][k] + 128;
  for (int o = 0; o < 64; o++) for (int k = 0; k < 25; k++) for (int h = 0; h < 2; h++) for (int m = 0; m < 64; m++) {
    int a = 0;
    for (int b = 0; b < 6; b++) if (m >> b & 1) a += q2[o][h * 6 + b][k];
    tab6[o / 4][k * 2 + h][o % 4][m] = a;
  }
#endif
}
static void check_norms(void) {
  for (int o = 0; o < 64; o++) {
    int a = 0;
    for (int i = 0; i < 300; i++) { int w = (&q2[o][0][0])[i]; a += w < 0 ? -w : w; if (w < -127) { fprintf(stderr, "weight -128 not allowed\n"); exit(1); } }
    if (a > 32767) { fprintf(stderr, "L1 norm of channel %d is %d: 16-bit sums are not exact\n", o, a); exit(1); }
  }
}

/* runs engine e over n images, a multiple of BATCH where the engine takes so many. With X the front end makes the spikes;
 * without, those in s are used as they are. */
static void run(const Engine *e, const uint8_t *X, Spikes *s, int n, int T, Counts *cnt) {
  int m = e->many ? BATCH : 1;
  for (int i = 0; i < n; i += m) {
    Spikes *in = X ? s : &s[i % BATCH];
    for (int k = 0; X && k < m; k++) {
      const uint8_t *img = X + (size_t)(i + k) * 784;
#ifdef HAVE256
      if (!e->scalar) { front_avx2(img, T, &s[k]); continue; }
#endif
      front_scalar(img, T, &s[k]);
    }
    if (e->many) e->many(in, T, cnt + i); else e->one(in, T, cnt[i]);
  }
}

/* ------------------------------------------------------------------ measurements */

/* the numbers of the command line, and what was read */
typedef struct { int n, steps, reps; const char *engine; const uint8_t *images, *labels; } Request;

static void fail(const char *what, const char *name) {
  fprintf(stderr, "anchor: %s %s\n", what, name);
  exit(1);
}
static void *allocate(size_t n) {
  void *p = aligned_alloc(64, (n + 63) / 64 * 64);
  if (!p) fail("no memory for", "the images");
  memset(p, 0, n); /* pages are there before anything is timed */
  return p;
}
static uint64_t fnv(const int32_t *p, size_t n) { /* FNV-1a over little-endian 32-bit words */
  uint64_t h = 14695981039346656037ull;
  for (size_t i = 0; i < n; i++) for (int b = 0; b < 4; b++) h = (h ^ ((uint32_t)p[i] >> (8 * b) & 255)) * 1099511628211ull;
  return h;
}
static const Engine *find_engine(const char *name) {
  for (int e = 0; e < NE; e++) if (!strcmp(engines[e].name, name)) return &engines[e];
  fail("no engine", name);
  return 0;
}
/* times one engine: one line a repetition, with the seconds of the front end and all steps; the read-out is outside */
static void measure(const Request *r, const Engine *e) {
  int n = (r->n + BATCH - 1) / BATCH * BATCH; /* the arrays have room for whole batches */
  Spikes *s = allocate(sizeof(Spikes) * BATCH);
  Counts *cnt = allocate(sizeof(Counts) * n);
  int32_t *logit = allocate(sizeof(int32_t) * 10 * n);
  if (e->many && r->n != n) fail("takes multiples of 32 images:", e->name);
  run(e, r->images, s, e->many ? BATCH : 1, r->steps, cnt); /* warm */
  for (int rep = 0; rep < r->reps; rep++) {
    double t = now();
    run(e, r->images, s, r->n, r->steps, cnt);
    t = now() - t;
    int right = 0;
    for (int i = 0; i < r->n; i++) {
      int32_t *l = logit + 10 * i;
      int best = 0;
      readout(cnt[i], l);
      for (int k = 1; k < 10; k++) if (l[k] > l[best]) best = k;
      right += best == r->labels[i];
    }
    printf("engine=%s steps=%d images=%d seconds=%.9f correct=%d hash=%016llx\n", e->name, r->steps, r->n, t, right,
           (unsigned long long)fnv(logit, 10 * (size_t)r->n));
    fflush(stdout);
  }
}

static uint64_t rs = 88172645463325252ull;
static uint32_t rnd(void) { rs ^= rs << 7; rs ^= rs >> 9; return rs >> 32; }
static void random_spikes(Spikes *s, int T, double density) { /* unstructured: real spikes cluster */
  for (int i = 0; i < BATCH; i++) for (int t = 0; t < T; t++) for (int y = 0; y < 12; y++) {
    memset(s[i].r[t][y], 0, ROWB);
    for (int b = 0; b < 144; b++) if (rnd() < density * 4294967296.) s[i].r[t][y][b >> 3] |= 1 << (b & 7);
  }
}
/* random weights and thresholds that drive V2 into saturation; every engine against the definition */
static int stress(void) {
  Spikes *s = allocate(sizeof(Spikes) * BATCH);
  Counts *cnt = allocate(sizeof(Counts) * BATCH), *ref = allocate(sizeof(Counts) * BATCH);
  int bad = 0;
  for (int round = 0; round < 12; round++) {
    int amp = 1 + rnd() % 100; /* 300 * 109 < 2^15 */
    for (int i = 0; i < 19200; i++) (&q2[0][0][0])[i] = (int)(rnd() % (2 * amp + 1)) - amp;
    TH2 = 1 + rnd() % 20000; V2_0 = TH2 / 2;
    check_norms(); tables();
    int T = 1 + rnd() % 70;
    double density = (1 + rnd() % 255) / 256.;
    random_spikes(s, T, density);
    for (int e = 0; e < NE; e++) {
      run(&engines[e], 0, s, BATCH, T, e ? cnt : ref);
      if (e && memcmp(cnt, ref, sizeof(Counts) * BATCH)) { printf("  DIFFERS: %s\n", engines[e].name); bad++; }
      if (e) continue;
      int low = 0;
      for (int i = 0; i < 4096; i++) low += (&V2[0][0])[i] == -32768;
      printf("round %2d: amp %3d TH2 %5d T %2d density %.2f  saturated membranes (last image) %d\n", round, amp, TH2, T, density, low);
    }
  }
  printf("stress: %s\n", bad ? "FAILED" : "all engines equal the definition");
  return bad != 0;
}
/* conv2+IF+pool2 only, random spikes of several densities */
static void sweep(void) {
  static const double densities[] = {.01, .02, .05, .10, .15, .20, .30, .50};
  enum { ND = sizeof densities / sizeof *densities, T = 32 };
  Spikes *s = allocate(sizeof(Spikes) * BATCH);
  Counts *cnt = allocate(sizeof(Counts) * BATCH);
  printf("us per step of conv2+IF+pool2 (1.229 M MAC), random unstructured spikes, T=32, best of 9\n%-24s", "density");
  for (int d = 0; d < ND; d++) printf("%8.2f", densities[d]);
  printf("\n");
  for (int e = 1; e < NE; e++) {
    int n = engines[e].scalar ? 2 : BATCH;
    printf("%-24s", engines[e].name);
    for (int d = 0; d < ND; d++) {
      double best = 1e9;
      rs = 88172645463325252ull;
      random_spikes(s, T, densities[d]);
      for (int r = 0; r < 9; r++) { double t = now(); run(&engines[e], 0, s, n, T, cnt); t = (now() - t) / n / T; if (t < best) best = t; }
      printf("%8.2f", best * 1e6);
      fflush(stdout);
    }
    printf("\n");
  }
}
/* the clock: additions that wait for each other, one a cycle */
static int clock_rate(void) {
#ifdef __x86_64__
  double best = 1e9;
  for (int r = 0; r < 20; r++) {
    uint64_t x = 1;
    double t = now();
    for (int i = 0; i < 1000000; i++) __asm__ volatile("add $1, %0\n add $3, %0\n add $1, %0\n add $3, %0\n add $1, %0\n add $3, %0\n add $1, %0\n add $3, %0" : "+r"(x));
    t = now() - t;
    if (t < best) best = t;
  }
  printf("GHz=%.2f\n", 8e-3 / best);
  return 0;
#else
  fprintf(stderr, "anchor: the clock is measured on x86-64 only\n");
  return 1;
#endif
}

/* ------------------------------------------------------------------ command line */

static uint8_t *slurp(const char *path, size_t skip, size_t n) { /* a file, or an IDX file that may be .gz, after its header */
  char cmd[4096];
  size_t l = strlen(path);
  int gz = l > 3 && !strcmp(path + l - 3, ".gz");
  snprintf(cmd, sizeof cmd, "gzip -dc '%s' 2>/dev/null", path); /* it is closed before its end, which gzip would mind */
  FILE *f = gz ? popen(cmd, "r") : fopen(path, "rb");
  uint8_t *b = malloc(skip + n);
  if (!f || !b || fread(b, 1, skip + n, f) != skip + n) fail("cannot read", path);
  if (gz) pclose(f); else fclose(f);
  return b + skip;
}
static void load(const char *path) {
  uint8_t *w = slurp(path, 12, 300 + 19200 + 10240);
  int32_t h[3];
  memcpy(h, w - 12, 12);
  SH = h[0]; TH1 = h[1]; TH2 = h[2]; V1_0 = TH1 / 2; V2_0 = TH2 / 2;
  memcpy(q1, w, 300); memcpy(q2, w + 300, 19200); memcpy(q3, w + 19500, 10240);
  check_norms();
  tables();
}
static int usage(void) {
  fprintf(stderr, "usage: anchor WEIGHTS IMAGES LABELS [-n N] [-steps T] [-engine NAME] [-reps R]\n"
                  "       anchor -list | -stress | -clock\n"
                  "       anchor WEIGHTS -sweep\n");
  return 2;
}
static int number(const char *text, int most) {
  char *end;
  long v = strtol(text, &end, 10);
  if (*end || v < 1 || v > most) fail("no number from 1 to the most that there is room for:", text);
  return v;
}
int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "-list")) {
    for (int e = 0; e < NE; e++) printf("%s\t%s\t%s\n", engines[e].name, engines[e].isa, engines[e].about);
    return 0;
  }
  if (argc == 2 && !strcmp(argv[1], "-stress")) return stress();
  if (argc == 2 && !strcmp(argv[1], "-clock")) return clock_rate();
  if (argc == 3 && !strcmp(argv[2], "-sweep")) { load(argv[1]); sweep(); return 0; }
  if (argc < 4 || argc % 2) return usage();
  Request r = {1024, 32, 5, 0, 0, 0};
  for (int i = 4; i < argc; i += 2) {
    if (!strcmp(argv[i], "-n")) r.n = number(argv[i + 1], 10000);
    else if (!strcmp(argv[i], "-steps")) r.steps = number(argv[i + 1], MAXT);
    else if (!strcmp(argv[i], "-reps")) r.reps = number(argv[i + 1], 1000000);
    else if (!strcmp(argv[i], "-engine")) r.engine = argv[i + 1];
    else return usage();
  }
  load(argv[1]);
  r.images = slurp(argv[2], 16, (size_t)r.n * 784);
  r.labels = slurp(argv[3], 8, r.n);
  if (r.engine) measure(&r, find_engine(r.engine));
  else for (int e = 0; e < NE; e++) measure(&r, &engines[e]);
  return 0;
}
