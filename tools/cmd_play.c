/* cmd_play.c - podsim play: simulate, then show the run in a terminal as if it happened now, with pause, steps and
 * reverse.
 *
 * The run is over before the first picture is drawn: each is made from the trace (report/frame.h), so that time can go
 * either way.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "report/frame.h"
#include "tools/commands.h"
#include "tools/files.h"
#include "tools/job.h"
#include "tools/output.h"

enum { FRAME_MS = 100, WIDTH = 100, HEIGHT = 30, SPEED_MAX = 100000 };

struct player {
    const struct run_trace *run;
    const struct options *options;
    const char *name;
    sim_time at;
    uint64_t speed; /* simulated seconds in a second */
    int direction;  /* 1, -1 */
    bool paused, quit;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/* ---- keys ---- */

static void jump(struct player *p, sim_time to) { p->at = to < 0 ? 0 : to > p->run->end ? p->run->end : to; }

static void step(struct player *p, int direction)
{
    p->paused = true;
    jump(p, report_next(p->run, p->at, direction));
}

static void toggle(struct player *p)
{
    bool over = p->direction > 0 ? p->at >= p->run->end : p->at <= 0;
    if (p->paused && over)
        p->at = p->direction > 0 ? 0 : p->run->end;
    p->paused = !p->paused;
}

static const char keys_line[] =
    "space pause   left/right event   up/down 10 s   +/- speed   r reverse   0 begin   G end   q quit";

static void press(struct player *p, const char *key)
{
    enum { JUMP = 10 };
    if (strcmp(key, "q") == 0 || strcmp(key, "\003") == 0 || strcmp(key, "\004") == 0)
        p->quit = true;
    else if (strcmp(key, " ") == 0)
        toggle(p);
    else if (strcmp(key, "\033[C") == 0 || strcmp(key, "l") == 0)
        step(p, 1);
    else if (strcmp(key, "\033[D") == 0 || strcmp(key, "h") == 0)
        step(p, -1);
    else if (strcmp(key, "\033[A") == 0 || strcmp(key, "k") == 0)
        jump(p, p->at + JUMP * SIM_SECOND);
    else if (strcmp(key, "\033[B") == 0 || strcmp(key, "j") == 0)
        jump(p, p->at - JUMP * SIM_SECOND);
    else if (strcmp(key, "+") == 0 || strcmp(key, "=") == 0)
        p->speed = p->speed < SPEED_MAX ? 2 * p->speed : p->speed;
    else if (strcmp(key, "-") == 0)
        p->speed = p->speed > 1 ? p->speed / 2 : 1;
    else if (strcmp(key, "r") == 0)
        p->direction = -p->direction;
    else if (strcmp(key, "0") == 0 || strcmp(key, "\033[H") == 0)
        jump(p, 0);
    else if (strcmp(key, "G") == 0 || strcmp(key, "\033[F") == 0)
        jump(p, p->run->end);
}

/* One key of what was read: a character, or an escape sequence. Returns its length. */
static size_t one_key(const char *bytes, size_t n, char key[8])
{
    size_t k = 1;
    if (n > 2 && bytes[0] == '\033' && bytes[1] == '[')
        for (k = 2; k < n && k < 6 && !(bytes[k] >= '@' && bytes[k] <= '~'); k++)
            ;
    k += k > 1;
    k = k > n ? n : k;
    memcpy(key, bytes, k);
    key[k] = '\0';
    return k;
}

/* Waits for a key, at most `ms`; false when nobody can press one any more. */
static bool read_keys(struct player *p, int ms)
{
    char bytes[64], key[8];
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};
    int ready = poll(&in, 1, ms);
    if (ready < 0)
        return errno == EINTR;
    if (ready == 0)
        return true;
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    for (size_t at = 0; n > 0 && at < (size_t)n && !p->quit;) {
        at += one_key(bytes + at, (size_t)n - at, key);
        press(p, key);
    }
    return n > 0 || (n < 0 && errno == EINTR);
}

/* ---- pictures ---- */

static void draw(const struct player *p)
{
    struct winsize size;
    struct strbuf head = STRBUF_INIT, frame = STRBUF_INIT, screen = STRBUF_INIT;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row;
    strbuf_printf(&head, "%s   ", p->name ? p->name : "podsim");
    strbuf_seconds(&head, p->at, 3);
    strbuf_puts(&head, " s of ");
    strbuf_seconds(&head, p->run->end, 3);
    strbuf_printf(&head, " s   %s%" PRIu64 " x%s", p->direction < 0 ? "-" : "", p->speed, p->paused ? "   paused" : "");
    struct frame_options o = {
        .at = p->at,
        .width = known ? size.ws_col : WIDTH,
        .height = (known ? size.ws_row : HEIGHT) - 1u,
        .color = output_color(p->options->color, STDOUT_FILENO),
        .ascii = p->options->ascii || !output_utf8(),
        .head = strbuf_str(&head),
    };
    report_frame(p->run, &o, &frame);
    strbuf_puts(&screen, "\033[H");
    for (size_t i = 0; i < frame.len; i++) { /* each line clears what was behind it */
        if (frame.data[i] == '\n')
            strbuf_puts(&screen, "\033[K\r");
        strbuf_putc(&screen, frame.data[i]);
    }
    strbuf_printf(&screen, "\033[J\033[%" PRIu32 ";1H\033[2m%.*s\033[0m\033[K", o.height + 1, (int)o.width, keys_line);
    (void)write_all(STDOUT_FILENO, strbuf_str(&screen), screen.len);
    strbuf_fini(&screen);
    strbuf_fini(&frame);
    strbuf_fini(&head);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void run_player(struct player *p)
{
    int64_t last = now_ms();
    while (!p->quit && !interrupted) {
        draw(p);
        if (!read_keys(p, p->paused ? -1 : FRAME_MS))
            break;
        int64_t now = now_ms();
        if (!p->paused)
            jump(p, p->at + p->direction * (now - last) * (int64_t)p->speed * SIM_MS);
        last = now;
        if (p->direction > 0 ? p->at >= p->run->end : p->at <= 0)
            p->paused = true;
    }
}

/* ---- the terminal ---- */

static void say(const char *text) { (void)write_all(STDOUT_FILENO, text, strlen(text)); }

static void play(struct player *p)
{
    struct termios before, raw;
    struct sigaction quit = {.sa_handler = on_signal};
    sigaction(SIGINT, &quit, NULL);
    sigaction(SIGTERM, &quit, NULL);
    sigaction(SIGHUP, &quit, NULL);
    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return;
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    say("\033[?1049h\033[?25l\033[2J"); /* another screen, no cursor */
    run_player(p);
    say("\033[?25h\033[?1049l");
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

int cmd_play(const struct options *o)
{
    struct job j;
    int code;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return output_usage_error(CMD_PLAY,
                                  "play needs a terminal; \"podsim run -o narration\" tells a run in sentences");
    if (o->speed > SPEED_MAX)
        return output_usage_error(CMD_PLAY, "--speed: want at most 100000");
    code = job_load(&j, o) < 0 ? EXIT_INPUT : EXIT_OK;
    if (code == EXIT_OK) {
        struct cluster *c = job_run(&j, o, &code);
        struct run_trace trace = cluster_trace(c);
        struct player p = {.run = &trace, .options = o, .name = j.scenario.name, .speed = o->speed, .direction = 1};
        play(&p);
        cluster_free(c);
    }
    job_fini(&j);
    return interrupted ? EXIT_INTERRUPTED : code;
}
