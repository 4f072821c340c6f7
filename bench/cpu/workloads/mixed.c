/* What controller benchmarks are made of: linked lists, matrices, a state machine over text, and a CRC. */
#include "workload.h"

enum { NODES = 64, SIZE = 9, TEXT = 400 };

struct node {
  struct node *next;
  int16_t value;
  int16_t index;
};

static struct node pool[NODES];
static int16_t a[SIZE][SIZE], b[SIZE][SIZE];
static int32_t c[SIZE][SIZE];
static char text[TEXT + 1];
static uint32_t seen[8];

__attribute__((noinline)) static uint16_t crc16(uint32_t data, uint16_t crc)
{
  for (int i = 0; i < 16; i++) {
    unsigned carry = (data ^ crc) & 1;
    data >>= 1;
    crc >>= 1;
    if (carry) crc ^= 0xa001;
  }
  return crc;
}

__attribute__((noinline)) static struct node *reverse(struct node *list)
{
  struct node *done = 0;
  while (list) {
    struct node *next = list->next;
    list->next = done;
    done = list;
    list = next;
  }
  return done;
}

typedef int (*order)(const struct node *, const struct node *);
static int by_value(const struct node *x, const struct node *y) { return x->value - y->value; }
static int by_index(const struct node *x, const struct node *y) { return x->index - y->index; }

__attribute__((noinline)) static struct node *merge_sort(struct node *list, order compare)
{
  for (int size = 1;; size *= 2) {
    struct node *p = list, *tail = 0;
    int merges = 0;
    list = 0;
    while (p) {
      merges++;
      struct node *q = p;
      int psize = 0, qsize = size;
      for (int i = 0; i < size && q; i++, psize++) q = q->next;
      while (psize > 0 || (qsize > 0 && q)) {
        struct node *e;
        if (psize == 0 || (qsize > 0 && q && compare(p, q) > 0)) {
          e = q;
          q = q->next;
          qsize--;
        } else {
          e = p;
          p = p->next;
          psize--;
        }
        if (tail) tail->next = e;
        else list = e;
        tail = e;
      }
      p = q;
    }
    tail->next = 0;
    if (merges <= 1) return list;
  }
}

__attribute__((noinline)) static int32_t multiply(void)
{
  int32_t sum = 0;
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      int32_t t = 0;
      for (int k = 0; k < SIZE; k++) t += a[i][k] * b[k][j];
      c[i][j] = t;
      sum += (t >> 2 & 15) * (t >> 5 & 127);
    }
  return sum;
}

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, SCIENCE, INVALID };

__attribute__((noinline)) static enum state scan(const char **cursor)
{
  const char *s = *cursor;
  enum state state = START;
  for (; *s && state != INVALID; s++) {
    char ch = *s;
    if (ch == ',') {
      s++;
      break;
    }
    int digit = ch >= '0' && ch <= '9';
    switch (state) {
      case START: state = digit ? INTEGER : ch == '+' || ch == '-' ? SIGN : ch == '.' ? POINT : INVALID; break;
      case SIGN: state = digit ? INTEGER : ch == '.' ? POINT : INVALID; break;
      case INTEGER: state = digit ? INTEGER : ch == '.' ? FRACTION : ch == 'e' ? EXPONENT : INVALID; break;
      case POINT: state = digit ? FRACTION : INVALID; break;
      case FRACTION: state = digit ? FRACTION : ch == 'e' ? EXPONENT : INVALID; break;
      case EXPONENT: state = digit ? SCIENCE : ch == '+' || ch == '-' ? SCIENCE : INVALID; break;
      case SCIENCE: state = digit ? SCIENCE : INVALID; break;
      default: break;
    }
  }
  *cursor = s;
  return state;
}

uint32_t workload(uint32_t rounds)
{
  static const char pattern[] = "5012,1.25e3,-.7,+8e-1,x4,99.5,T0,-1234.5678,12e,";
  uint32_t random = 11;
  for (int i = 0; i < TEXT; i++) text[i] = pattern[(unsigned)i % (sizeof pattern - 1)];
  for (int i = 0; i < SIZE; i++)
    for (int k = 0; k < SIZE; k++) {
      a[i][k] = (int16_t)(next_random(&random) >> 20);
      b[i][k] = (int16_t)(next_random(&random) >> 20);
    }
  for (int i = 0; i < NODES; i++) {
    pool[i].next = i + 1 < NODES ? &pool[i + 1] : 0;
    pool[i].value = (int16_t)(next_random(&random) >> 17);
    pool[i].index = (int16_t)i;
  }
  struct node *list = pool;
  uint16_t crc = 0;
  for (uint32_t n = 0; n < rounds; n++) {
    list = merge_sort(list, by_value);
    crc = crc16((uint32_t)list->value, crc);
    list = reverse(list);
    list->value = (int16_t)(list->value + 1);
    list = merge_sort(list, by_index);
    crc = crc16((uint32_t)multiply(), crc);
    a[n % SIZE][3]++;
    const char *cursor = text;
    while (*cursor) seen[scan(&cursor)]++;
    for (int i = 0; i < 8; i++) crc = crc16(seen[i], crc);
  }
  return crc;
}
