/* myers.c - the divide and conquer of the paper's section 4b, with a bound on the search for a middle. */
#include "report/myers.h"

/* ---- numbers for texts ---- */

struct word {
    const char *text; /* NULL = free */
    size_t length;
    uint32_t hash, number;
};

static uint32_t hash_of(const char *text, size_t length)
{
    uint32_t hash = TEXT_HASH;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash ^ hash >> 15;
}

static void reserve(struct words *w, uint32_t slot_count)
{
    const struct word *old = w->slots;
    uint32_t old_count = w->slot_count;
    w->slots = arena_array(w->arena, struct word, slot_count);
    w->slot_count = slot_count;
    for (uint32_t i = 0; i < old_count; i++) {
        if (!old[i].text)
            continue;
        uint32_t at = old[i].hash & (slot_count - 1);
        while (w->slots[at].text)
            at = (at + 1) & (slot_count - 1);
        w->slots[at] = old[i];
    }
}

void words_init(struct words *w, struct arena *a)
{
    enum { FIRST = 64 };
    *w = (struct words){.arena = a};
    reserve(w, FIRST);
}

uint32_t words_number(struct words *w, const char *text, size_t length)
{
    uint32_t hash = hash_of(text, length), at = hash & (w->slot_count - 1);
    for (; w->slots[at].text; at = (at + 1) & (w->slot_count - 1)) {
        const struct word *s = &w->slots[at];
        if (s->hash == hash && s->length == length && memcmp(s->text, text, length) == 0)
            return s->number;
    }
    w->slots[at] = (struct word){text, length, hash, w->count++};
    if (w->count * 2 > w->slot_count)
        reserve(w, w->slot_count * 2);
    return w->count - 1;
}

/* ---- common subsequence ---- */

/* An edit path through the grid of a (across) and b (down): a step to the right leaves out an item of a, a step down
 * one of b, a diagonal step takes an item of both. Diagonal number: x - y. */
struct grid {
    const uint32_t *a, *b;
    int32_t *forward, *backward; /* by diagonal: the x that was reached from the start, from the end; NONE = none */
    int32_t origin;              /* index of diagonal 0 in them */
    uint32_t *match;
};

struct box { /* a part of the grid: [left, right) of a, [top, bottom) of b */
    int32_t left, right, top, bottom;
};

struct point {
    int32_t x, y;
};

enum { NONE = -1, ROUNDS_MAX = 256 };

static bool inside(const struct box *box, int32_t k)
{
    return k >= box->left - box->bottom && k <= box->right - box->top;
}

/* Where the furthest path of one more edit gets to on diagonal k, before what is common; NONE = out of the box. */
static int32_t step_forward(const struct grid *g, const struct box *box, int32_t k)
{
    int32_t right = g->forward[g->origin + k - 1], down = g->forward[g->origin + k + 1], x = NONE;
    if (right != NONE && right < box->right)
        x = right + 1;
    if (down != NONE && down - k <= box->bottom && down > x)
        x = down;
    return x;
}

static int32_t step_backward(const struct grid *g, const struct box *box, int32_t k)
{
    int32_t left = g->backward[g->origin + k + 1], up = g->backward[g->origin + k - 1], x = NONE;
    if (left != NONE && left > box->left)
        x = left - 1;
    if (up != NONE && up - k >= box->top && (x == NONE || up < x))
        x = up;
    return x;
}

/* One more edit from the start, on every second diagonal. True when a path from the end is met, at *ret_middle. */
static bool round_forward(struct grid *g, const struct box *box, int32_t round, bool meets, struct point *ret_middle)
{
    int32_t start = box->left - box->top, end = box->right - box->bottom;
    for (int32_t k = start - round; k <= start + round; k += 2) {
        int32_t x = !inside(box, k) ? NONE : round ? step_forward(g, box, k) : box->left;
        while (x != NONE && x < box->right && x - k < box->bottom && g->a[x] == g->b[x - k])
            x++;
        g->forward[g->origin + k] = x;
        int32_t other = g->backward[g->origin + k];
        if (meets && x != NONE && k >= end - round + 1 && k <= end + round - 1 && other != NONE && other <= x) {
            *ret_middle = (struct point){x, x - k};
            return true;
        }
    }
    return false;
}

static bool round_backward(struct grid *g, const struct box *box, int32_t round, bool meets, struct point *ret_middle)
{
    int32_t start = box->left - box->top, end = box->right - box->bottom;
    for (int32_t k = end - round; k <= end + round; k += 2) {
        int32_t x = !inside(box, k) ? NONE : round ? step_backward(g, box, k) : box->right;
        while (x != NONE && x > box->left && x - k > box->top && g->a[x - 1] == g->b[x - k - 1])
            x--;
        g->backward[g->origin + k] = x;
        int32_t other = g->forward[g->origin + k];
        if (meets && x != NONE && k >= start - round && k <= start + round && other != NONE && other >= x) {
            *ret_middle = (struct point){x, x - k};
            return true;
        }
    }
    return false;
}

/* The point that the paths from the start have got furthest to. */
static struct point furthest(const struct grid *g, const struct box *box, int32_t round)
{
    int32_t start = box->left - box->top;
    struct point best = {box->left, box->top};
    for (int32_t k = start - round; k <= start + round; k += 2) {
        int32_t x = g->forward[g->origin + k];
        if (x != NONE && x + x - k > best.x + best.y)
            best = (struct point){x, x - k};
    }
    return best;
}

/* A point on a shortest path, or after ROUNDS_MAX edits on a good one; never a corner of the box. */
static struct point middle(struct grid *g, const struct box *box)
{
    int32_t start = box->left - box->top, end = box->right - box->bottom;
    bool odd = (start - end) & 1;
    struct point p;
    for (int32_t round = 0; round <= ROUNDS_MAX; round++) {
        /* The diagonals beside those of the last round are new: nothing has been there. */
        g->forward[g->origin + start - round - 1] = g->forward[g->origin + start + round + 1] = NONE;
        g->backward[g->origin + end - round - 1] = g->backward[g->origin + end + round + 1] = NONE;
        if (round_forward(g, box, round, odd, &p) || round_backward(g, box, round, !odd, &p))
            return p;
    }
    return furthest(g, box, ROUNDS_MAX);
}

static void match_box(struct grid *g, struct box box)
{
    for (;;) {
        for (; box.left < box.right && box.top < box.bottom && g->a[box.left] == g->b[box.top]; box.left++, box.top++)
            g->match[box.left] = (uint32_t)box.top + 1;
        for (; box.left < box.right && box.top < box.bottom && g->a[box.right - 1] == g->b[box.bottom - 1];
             box.right--, box.bottom--)
            g->match[box.right - 1] = (uint32_t)box.bottom;
        if (box.left == box.right || box.top == box.bottom)
            return;
        struct point p = middle(g, &box);
        ASSERT(p.x + p.y > box.left + box.top);
        ASSERT(p.x + p.y < box.right + box.bottom);
        /* The first part is at most as deep as the logarithm of the edits that were tried. */
        match_box(g, (struct box){box.left, p.x, box.top, p.y});
        box.left = p.x;
        box.top = p.y;
    }
}

void myers_match(struct arena *scratch, const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count,
                 uint32_t *match)
{
    ASSERT(a_count < INT32_MAX / 4);
    ASSERT(b_count < INT32_MAX / 4);
    const size_t margin = ROUNDS_MAX + 2; /* diagonals outside of the grid that the rounds may name */
    size_t diagonals = (size_t)a_count + b_count + 1 + 2 * margin;
    struct grid g = {.a = a,
                     .b = b,
                     .forward = arena_array(scratch, int32_t, diagonals),
                     .backward = arena_array(scratch, int32_t, diagonals),
                     .origin = (int32_t)(b_count + margin),
                     .match = match};
    memset(match, 0, (size_t)a_count * sizeof *match);
    match_box(&g, (struct box){0, (int32_t)a_count, 0, (int32_t)b_count});
}
