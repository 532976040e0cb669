/* gen.h - random scenarios, as the YAML that a user would write.
 *
 * A scenario is text, so that a failing one is by construction what `podsim run` takes. Swarm testing: each seed
 * first draws which features its world has (gen_features), then uses those often; a world with everything in it
 * would hardly ever have two rare things at once. Faults and feature gates are drawn from the model's own tables,
 * so that new ones are tried as soon as they exist.
 *
 *     struct strbuf text = STRBUF_INIT;
 *     uint32_t pods = gen_scenario(seed, &text);
 */
#ifndef TESTS_PROP_GEN_H
#define TESTS_PROP_GEN_H

#include "sim/strbuf.h"

/* How the same world may be written down in another way, for properties that compare two runs. */
struct gen_variant {
    bool steady;       /* no random latencies, no faults and users that touch nodes: for comparing times */
    bool all_later;    /* every pod is created by an action, none at time 0 */
    uint32_t shift_s;  /* added to the time of every action, and to the duration */
    bool others_first; /* Services and the like stand before the pods */
    bool bystander;    /* one more node, and a pod that is bound to it, first of all */
    bool jittered;     /* steady, but with random latencies: what is drawn for one object is its own */
};
uint32_t gen_scenario_variant(uint64_t seed, const struct gen_variant *v, struct strbuf *out);

/* Clients that ask Services, for the Scenario of a world with so many pods p0, p1 ...; mostly none. */
void gen_traffic(uint64_t seed, uint32_t pods, struct strbuf *out);

/* Appends the scenario of `seed`; returns how many pods it has. Same seed, same text on every machine. */
uint32_t gen_scenario(uint64_t seed, struct strbuf *out);
/* A world of controllers instead: workloads and what users do to them. Returns about how many pods it has at once. */
uint32_t gen_cluster(uint64_t seed, struct strbuf *out);

#endif
