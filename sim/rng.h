/* rng.h - counter-based random numbers: a draw is a pure function of (seed, component, object,
 * counter), so one object's draws never shift another's, and there is no state to save.
 * Generator: two rounds of a 64-bit mix (splitmix64 finaliser) over the key words.
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include "sim/base.h"

uint64_t rng_draw(uint64_t seed, uint32_t component, uint32_t object, uint64_t counter);

/* Uniform in [0, bound) by rejection-free multiply-shift; bound > 0. */
uint64_t rng_below(uint64_t draw, uint64_t bound);

/* SplitMix64's finaliser, a bijection of 64 bits. */
uint64_t rng_mix(uint64_t x);

#endif
