/* expectation_check.h - what the tables of expectations cannot say: shared by expectation.c and expectation_check.c. */
#ifndef MODEL_EXPECTATION_CHECK_H
#define MODEL_EXPECTATION_CHECK_H

struct check;
void expectation_check_one(struct check *c, const void *object);
void expectation_check_item(struct check *c, const void *object);
/* What a run cannot be stopped for: `c` is at `happens`. */
struct expectation;
void expectation_check_stop(struct check *c, const struct expectation *e);

#endif
