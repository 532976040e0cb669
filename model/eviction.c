/* eviction.c - thresholds, ranks and texts of node-pressure eviction.
 *
 * Mirrors k8s pkg/kubelet/eviction/helpers.go, api/types.go, defaults_linux.go (v1.36).
 * Left out on purpose: thresholds of a file system of its own for containers; ranks by inodes (files are not
 * counted per pod); kernelMemcgNotification: with cgroups v2 the kubelet's notifier does nothing
 * (threshold_notifier_linux.go).
 */
#include "model/eviction.h"

#include <stdlib.h>
#include <string.h>

#include "model/kubelet.h"
#include "sim/cover.h"

const struct signal_info signal_infos[SIGNAL_COUNT] = {
    [SIGNAL_MEMORY] = {"memory.available", "memory", PRESSURE_MEMORY, "100Mi"},
    [SIGNAL_NODEFS] = {"nodefs.available", "ephemeral-storage", PRESSURE_DISK, "10%"},
    [SIGNAL_NODEFS_INODES] = {"nodefs.inodesFree", "inodes", PRESSURE_DISK, "5%"},
    [SIGNAL_IMAGEFS] = {"imagefs.available", "ephemeral-storage", PRESSURE_DISK, "15%"},
    [SIGNAL_IMAGEFS_INODES] = {"imagefs.inodesFree", "inodes", PRESSURE_DISK, "5%"},
    [SIGNAL_PID] = {"pid.available", "pids", PRESSURE_PID, NULL},
    [SIGNAL_ALLOCATABLE_MEMORY] = {"allocatableMemory.available", "memory", PRESSURE_MEMORY, NULL},
};

/* ---- amounts ---- */

static int parse_percent(const char *text, size_t len, int64_t *ret)
{
    int64_t value = 0, digits = -1; /* digits after the point, -1 = no point yet */
    if (len == 0)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.' && digits < 0)
            digits = 0;
        else if (text[i] < '0' || text[i] > '9' || digits >= 3 || value > 100000)
            return -1;
        else
            value = value * 10 + text[i] - '0', digits += digits >= 0;
    }
    for (digits = digits < 0 ? 0 : digits; digits < 3; digits++)
        value *= 10;
    *ret = value;
    return value <= 100000 ? 0 : -1;
}

int eviction_amount_parse(struct arena *a, const char *text, struct eviction_amount *ret)
{
    size_t len = strlen(text);
    struct quantity q;
    *ret = (struct eviction_amount){.set = true, .percent = len && text[len - 1] == '%'};
    if (ret->percent)
        return parse_percent(text, len - 1, &ret->value);
    if (quantity_parse(a, text, &q) || quantity_sign(&q) < 0)
        return -1;
    ret->value = quantity_value(&q);
    return 0;
}

/* Kubernetes keeps the fraction as a 32-bit floating point number, so that 10% of 100Gi is 160 bytes more than a
 * tenth: its 24 digits, times a capacity, cut to whole units. k8s api/types.go GetThresholdQuantity. */
int64_t eviction_amount_of(const struct eviction_amount *amount, int64_t capacity)
{
    const int64_t whole = 100 * 1000;
    if (!amount->percent)
        return amount->value;
    if (amount->value == 0)
        return 0;
    int shift = 0, zeros = 0;
    while ((amount->value << shift) / whole < INT64_C(1) << 23)
        shift++;
    int64_t digits = ((amount->value << shift) + whole / 2) / whole;
    while (capacity && !(capacity & 1)) {
        capacity >>= 1;
        zeros++;
    }
    while (capacity >= INT64_C(1) << 38) { /* the product must fit; what is lost is below a part in 2^37 */
        capacity >>= 1;
        zeros++;
    }
    int64_t product = capacity * digits;
    return shift > zeros ? product >> (shift - zeros) : product << (zeros - shift);
}

/* ---- thresholds ---- */

static sim_time grace_of(const str_map *periods, const char *signal)
{
    sim_time d = 0;
    const char *text = str_map_get(periods, signal);
    if (text)
        sim_parse_duration(text, &d);
    return d;
}

static bool fill(struct arena *a, const struct kubelet_config *c, enum eviction_signal s, const char *text, bool hard,
                 struct eviction_threshold *t)
{
    const char *name = signal_infos[s].name, *reclaim = str_map_get(&c->eviction_minimum_reclaim, name);
    *t = (struct eviction_threshold){.signal = s, .hard = hard};
    if (!text || eviction_amount_parse(a, text, &t->value) < 0)
        return false;
    if (t->value.percent && (t->value.value == 0 || t->value.value == 100 * 1000))
        return false; /* k8s parseThresholdStatement: 0% and 100% switch a threshold off */
    if (reclaim)
        eviction_amount_parse(a, reclaim, &t->min_reclaim);
    if (!hard)
        t->grace_period = grace_of(&c->eviction_soft_grace_period, name);
    return true;
}

/* k8s helpers.go addAllocatableThresholds: hard ones of memory hold for the pods' cgroup, too. */
static uint32_t add_allocatable(const struct kubelet_config *c, struct eviction_threshold all[], uint32_t count)
{
    bool pods = c->enforce_node_allocatable.count == 0;
    for (uint32_t i = 0; i < c->enforce_node_allocatable.count; i++)
        pods |= strcmp(c->enforce_node_allocatable.items[i], "pods") == 0;
    uint32_t n = count;
    for (uint32_t i = 0; pods && i < count; i++) {
        if (all[i].signal != SIGNAL_MEMORY || !all[i].hard)
            continue;
        all[n] = all[i];
        all[n++].signal = SIGNAL_ALLOCATABLE_MEMORY;
    }
    return n;
}

/* Any evictionHard replaces all the defaults, unless they are to be merged.
 * k8s cmd/kubelet/app/server.go mergeKubeletConfigurations. */
static const char *hard_threshold(const struct kubelet_config *c, int signal)
{
    const char *given = str_map_get(&c->eviction_hard, signal_infos[signal].name);
    bool replaced = c->eviction_hard.count && !c->merge_default_eviction_settings;
    return given || replaced ? given : signal_infos[signal].hard;
}

uint32_t eviction_thresholds(struct arena *a, const struct kubelet_config *c, struct eviction_threshold ret[])
{
    uint32_t n = 0;
    for (int s = 0; s < SIGNAL_COUNT; s++) {
        n += fill(a, c, (enum eviction_signal)s, hard_threshold(c, s), true, &ret[n]);
    }
    for (int s = 0; s < SIGNAL_COUNT; s++) {
        const char *soft = str_map_get(&c->eviction_soft, signal_infos[s].name);
        n += fill(a, c, (enum eviction_signal)s, soft, false, &ret[n]);
    }
    return add_allocatable(c, ret, n);
}

bool threshold_met(const struct eviction_threshold *t, const struct observation *o, bool reclaim)
{
    int64_t quantity = eviction_amount_of(&t->value, o->capacity);
    if (reclaim && t->min_reclaim.set)
        quantity += eviction_amount_of(&t->min_reclaim, o->capacity);
    return quantity > o->available;
}

/* ---- who goes first ---- */

enum { RANK_EXCEEDS, RANK_PRIORITY, RANK_USAGE, RANK_ORDER };
COVER_TABLE(eviction_rank, "why one pod is evicted before another", "it uses more than it requests",
            "its priority is lower", "it uses more beyond its request", "it is older");

/* < 0: x goes first. The first criterion that differs decides; `exceeds` does not count for process ids. */
static int compare(const struct eviction_candidate *x, const struct eviction_candidate *y, bool exceeds)
{
    int64_t over_x = x->usage - x->request, over_y = y->usage - y->request;
    if (exceeds && (over_x > 0) != (over_y > 0)) {
        COVER(eviction_rank, RANK_EXCEEDS);
        return over_x > 0 ? -1 : 1;
    }
    if (x->priority != y->priority) {
        COVER(eviction_rank, RANK_PRIORITY);
        return x->priority < y->priority ? -1 : 1;
    }
    if (over_x != over_y) {
        COVER(eviction_rank, RANK_USAGE);
        return over_x > over_y ? -1 : 1;
    }
    COVER(eviction_rank, RANK_ORDER); /* k8s-order: a stable sort of a map's values */
    return x->kpod < y->kpod ? -1 : 1;
}

static int by_usage(const void *a, const void *b) { return compare(a, b, true); }
static int by_priority(const void *a, const void *b) { return compare(a, b, false); }

void eviction_rank(enum eviction_signal signal, struct eviction_candidate *pods, uint32_t count)
{
    qsort(pods, count, sizeof *pods, signal == SIGNAL_PID ? by_priority : by_usage);
}

/* ---- texts ---- */

static const char *amount_text(struct arena *a, int64_t value, bool bytes)
{
    return quantity_from_value(a, value, bytes ? QUANTITY_BINARY : QUANTITY_DECIMAL).text;
}

const char *eviction_message(struct arena *a, const struct eviction_threshold *t, const struct observation *o,
                             const struct container_usage *containers, uint32_t count)
{
    const struct signal_info *s = &signal_infos[t->signal];
    bool bytes = t->signal == SIGNAL_MEMORY || t->signal == SIGNAL_ALLOCATABLE_MEMORY || t->signal == SIGNAL_NODEFS ||
                 t->signal == SIGNAL_IMAGEFS;
    const char *text = arena_printf(a, "The node was low on resource: %s. Threshold quantity: %s, available: %s. ",
                                    s->resource, amount_text(a, eviction_amount_of(&t->value, o->capacity), bytes),
                                    amount_text(a, o->available, bytes));
    for (uint32_t i = 0; bytes && i < count; i++) {
        const struct quantity *request = &containers[i].request;
        if (containers[i].usage > (request->set ? quantity_value(request) : 0))
            text = arena_printf(a, "%sContainer %s was using %s, request is %s, has larger consumption of %s. ", text,
                                containers[i].name, amount_text(a, containers[i].usage, true),
                                request->set ? request->text : "0", s->resource);
    }
    return text;
}
