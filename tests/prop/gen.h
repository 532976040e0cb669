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

/* Appends the scenario of `seed`; returns how many pods it has. Same seed, same text on every machine. */
uint32_t gen_scenario(uint64_t seed, struct strbuf *out);

#endif
