/* probe_ticks.h - how a run deals with the ticks of probes that always say the same. The trace is the same. */
#ifndef MODEL_PROBE_TICKS_H
#define MODEL_PROBE_TICKS_H

enum probe_ticks {
    TICKS_THAT_MATTER, /* fast-forward: ticks that change nothing are counted when somebody wants to know */
    TICKS_ALL,         /* every tick is an event; the answer to a repeated question is remembered */
    TICKS_EXECUTED,    /* every tick is an event and is executed, for tests */
};

#endif
