/* interrupt.h - SIGINT, SIGTERM and SIGHUP for a command that has something to finish: the first is noted, the second
 * ends podsim at once (exit code 130).
 */
#ifndef TOOLS_INTERRUPT_H
#define TOOLS_INTERRUPT_H

#include <stdbool.h>

/* From now on; writes to closed pipes and to files beyond RLIMIT_FSIZE become errors. */
void interrupt_catch(void);
bool interrupted(void);

#endif
