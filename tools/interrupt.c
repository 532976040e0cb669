/* interrupt.c - one flag, set by a signal handler. */
#include "tools/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "tools/options.h"

static volatile sig_atomic_t caught;

static void note(int number)
{
    (void)number;
    if (caught++)
        _exit(EXIT_INTERRUPTED);
}

void interrupt_catch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note}, old; /* without SA_RESTART: poll() returns */
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) /* nohup stays nohup */
            sigaction(numbers[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

bool interrupted(void) { return caught > 0; }
