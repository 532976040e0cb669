/* rng.c - two rounds of SplitMix64's finaliser: the first spreads (seed, counter), the second folds
 * in who draws. Each round is a bijection, so two objects never share a draw for the same seed and
 * counter. The constants are Steele, Lea and Flood's, OOPSLA 2014.
 */
#include "sim/rng.h"

__extension__ typedef unsigned __int128 uint128;

static const uint64_t GOLDEN_GAMMA = UINT64_C(0x9e3779b97f4a7c15);

uint64_t rng_mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint64_t rng_draw(uint64_t seed, uint32_t component, uint32_t object, uint64_t counter)
{
    /* counter + 1: the finaliser maps 0 to 0, which seed 0 should not show. */
    uint64_t stream = (uint64_t)component << 32 | object;
    return rng_mix(rng_mix(seed + GOLDEN_GAMMA * (counter + 1)) ^ stream);
}

uint64_t rng_below(uint64_t draw, uint64_t bound)
{
    ASSERT(bound > 0);
    return (uint64_t)((uint128)draw * bound >> 64);
}
