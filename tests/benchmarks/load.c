/* Closed-loop load on one server over loopback, fast enough not to be what is measured.
 *
 *   load publish|ping|put  --connections N --depth D     one kind of request, D unanswered each
 *   load cycle             --connections W --publishers P --window O
 *                          W subscribed workers finish what is pushed to them, P publishers
 *                          publish; at most O jobs are published and not yet done
 *   load beanstalkd-cycle  --connections N               put, reserve, delete in turn on each
 *   load hold              --connections N               connect, say so, wait for end of input
 *
 * All: --port P [--seconds S] [--warm S] [--count N] [--payload BYTES] [--queues Q] [--gap US]
 *      [--login "AUTH u p\nUSE_GROUP g\n" with \n written as ';']
 * SIGTERM ends it, after one answer at least. Prints one line of JSON. Any answer that is not the expected one ends it with status 1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { INPUT = 8192, LONGEST = 4096, MOST_CONNECTIONS = 60000, MOST_SAMPLES = 1 << 22 };
enum role { REQUESTER, WORKER, PUBLISHER, CYCLER };

struct connection {
    int fd;
    enum role role;
    int block;          /* which queue's request block it sends from */
    int waiting;        /* requests without an answer */
    int credit;         /* PUBLISHER: jobs it may still publish now */
    size_t owed, phase; /* bytes still to send, and where in the request that is */
    int watched;        /* whether epoll looks for room to write */
    double *sent;       /* when each unanswered request left, a ring */
    int first;
    size_t held;        /* bytes in `in` */
    char job[64];
    char in[INPUT];
};

static struct connection *conns;
static char *blocks[1024];
static size_t request, depth = 1, payload = 100;
static int connections = 64, publishers, window = 64, queues = 1, poller, port;
static int credits, *held_back, oldest, parked; /* a ring of workers that wait to finish */
static long count = 100000000, done, counted;
static double seconds = 3, warm = 0.5, began, *samples;
static long sampled, gap;
static const char *mode, *expected, *login = "";
static volatile sig_atomic_t stopped;

static void fail(const char *format, ...) {
    va_list rest;
    va_start(rest, format);
    vfprintf(stderr, format, rest);
    va_end(rest);
    fputc('\n', stderr);
    exit(1);
}

static void stop(int number) { (void)number; stopped = 1; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- sending ---- */

static void say(struct connection *c, const char *text, size_t length) {
    if (send(c->fd, text, length, MSG_NOSIGNAL) != (ssize_t)length)
        fail("a message of %zu bytes was not taken whole: %s", length, strerror(errno));
}

static void flush(struct connection *c) {
    size_t whole = request * depth;
    while (c->owed) {
        size_t part = whole - c->phase < c->owed ? whole - c->phase : c->owed;
        ssize_t taken = send(c->fd, blocks[c->block] + c->phase, part, MSG_NOSIGNAL);
        if (taken < 0 && errno != EAGAIN && errno != EINTR) fail("send: %s", strerror(errno));
        if (taken < 0) break;
        c->owed -= (size_t)taken;
        c->phase = (c->phase + (size_t)taken) % request;
    }
    if (c->watched != (c->owed > 0)) {
        c->watched = c->owed > 0;
        struct epoll_event event = {.events = EPOLLIN | (c->watched ? EPOLLOUT : 0), .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &event);
    }
}

static void ask(struct connection *c, int times) {
    double at = now();
    for (int i = 0; i < times; i++)
        c->sent[(size_t)(c->first + c->waiting + i) % depth] = at;
    c->waiting += times;
    c->owed += request * (size_t)times;
    flush(c);
}

static void finish_job(struct connection *c) {
    char text[128];
    say(c, text, (size_t)snprintf(text, sizeof text, "UPDATE_JOB %s done\n", c->job));
}

/* Jobs are finished no faster than others are published, so that what waits stays what it was. */
static void publish_credit(struct connection *c) {
    if (!c->credit || c->waiting) return;
    c->credit--;
    credits--;
    ask(c, 1);
    if (parked && credits < publishers) {
        finish_job(&conns[held_back[oldest]]);
        oldest = (oldest + 1) % connections;
        parked--;
    }
}

/* ---- what counts ---- */

static void sample(double took) {
    if (sampled < MOST_SAMPLES) samples[sampled++] = took;
}

static void answered(struct connection *c, double at) {
    sample(at - c->sent[c->first]);
    c->first = (int)((size_t)(c->first + 1) % depth);
    c->waiting--;
}

static void finished(void) { done++; }

/* ---- hearing ---- */

static void must_begin(const char *line, size_t length, const char *wanted) {
    size_t n = strlen(wanted);
    if (length < n || memcmp(line, wanted, n))
        fail("expected %s, heard %.*s", wanted, (int)(length < 200 ? length : 200), line);
}

static void hear_worker(struct connection *c, const char *line, size_t length, double at) {
    if (line[0] != '{') {
        must_begin(line, length, "OK");
        finished();
        if (publishers) {
            struct connection *p = &conns[connections + (int)(c - conns) % publishers];
            p->credit++;
            credits++;
            publish_credit(p);
        }
        return;
    }
    const char *id = memmem(line, length, "\"ID\":\"", 6);
    const char *end = id ? memchr(id + 6, '"', length - (size_t)(id + 6 - line)) : NULL;
    if (!end || end - id - 6 > 60) fail("a push without an id: %.*s", (int)length, line);
    if (publishers == 1 && window == 1) sample(at - conns[connections].sent[0]);
    memcpy(c->job, id + 6, (size_t)(end - id - 6));
    c->job[end - id - 6] = 0;
    if (credits < publishers) finish_job(c);
    else held_back[(oldest + parked++) % connections] = (int)(c - conns);
}

static void hear_cycler(struct connection *c, const char *line, size_t length, double at) {
    char text[128];
    if (line[0] == 'I') {
        must_begin(line, length, "INSERTED ");
        say(c, "reserve\r\n", 9);
    } else if (line[0] == 'R') {
        must_begin(line, length, "RESERVED ");
        const char *end = memchr(line + 9, ' ', length - 9);
        if (!end || end - line - 9 > 20) fail("no id in %.*s", (int)length, line);
        memcpy(c->job, line + 9, (size_t)(end - line - 9));
        c->job[end - line - 9] = 0;
    } else if (line[0] == 'x') {
        say(c, text, (size_t)snprintf(text, sizeof text, "delete %s\r\n", c->job));
    } else {
        must_begin(line, length, "DELETED");
        answered(c, at);
        finished();
        ask(c, 1);
    }
}

static void hear(struct connection *c, const char *line, size_t length, double at, int *again) {
    switch (c->role) {
    case REQUESTER:
        must_begin(line, length, expected);
        answered(c, at);
        finished();
        ++*again;
        break;
    case WORKER:
        hear_worker(c, line, length, at);
        break;
    case PUBLISHER:
        must_begin(line, length, "OK#");
        if (publishers > 1 || window > 1) sample(at - c->sent[c->first]);
        c->first = (int)((size_t)(c->first + 1) % depth);
        c->waiting--;
        publish_credit(c);
        break;
    case CYCLER:
        hear_cycler(c, line, length, at);
    }
}

static void take_lines(struct connection *c) {
    char *from = c->in, *end;
    double at = now();
    int again = 0;
    while ((end = memchr(from, '\n', c->held - (size_t)(from - c->in)))) {
        hear(c, from, (size_t)(end - from), at, &again);
        from = end + 1;
    }
    c->held -= (size_t)(from - c->in);
    memmove(c->in, from, c->held);
    if (c->held == INPUT) fail("a line longer than %d bytes", INPUT);
    if (again && gap) usleep((useconds_t)gap);
    if (again) ask(c, again);
}

static int receive(struct connection *c) {
    ssize_t got;
    do got = recv(c->fd, c->in + c->held, INPUT - c->held, 0);
    while (got < 0 && errno == EINTR); /* a socket with a timeout: the kernel does not go on by itself */
    if (got == 0) fail("the server closed a connection");
    if (got < 0 && errno == EAGAIN) return 0;
    if (got < 0) fail("recv: %s", strerror(errno));
    c->held += (size_t)got;
    return 1;
}

/* ---- getting ready ---- */

static void open_connection(struct connection *c) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval patience = {.tv_sec = 60};
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to))
        fail("connection %ld: %s", (long)(c - conns), strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (const char *p = login; *p;) {
        size_t n = strcspn(p, ";");
        char line[LONGEST];
        int length = snprintf(line, sizeof line, "%.*s\n", (int)n, p);
        say(c, line, (size_t)length);
        c->waiting++;
        p += n + (p[n] == ';');
    }
    if (c->role == WORKER) {
        char line[64];
        say(c, line, (size_t)snprintf(line, sizeof line, "SUBSCRIBE bench%03d\n", c->block));
        c->waiting++;
    }
}

static void expect_welcome(struct connection *c) {
    while (c->waiting) {
        char *end = memchr(c->in, '\n', c->held);
        if (!end) {
            if (!receive(c)) fail("no answer to the login within a minute");
            continue;
        }
        if (memcmp(c->in, "OK", 2)) must_begin(c->in, (size_t)(end - c->in), "Welcome!");
        c->held -= (size_t)(end + 1 - c->in);
        memmove(c->in, end + 1, c->held);
        c->waiting--;
    }
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event);
}

static void make_blocks(void) {
    char body[LONGEST / 2], text[LONGEST];
    memset(body, 'x', payload);
    for (int q = 0; q < queues; q++) {
        int n = 0;
        int width = (int)payload;
        if (!strcmp(mode, "ping")) n = snprintf(text, sizeof text, "PING\n");
        else if (!strcmp(mode, "publish") || !strcmp(mode, "cycle"))
            n = snprintf(text, sizeof text, "PUBLISH bench%03d job.type '%.*s'\n", q, width, body);
        else n = snprintf(text, sizeof text, "put 0 0 120 %d\r\n%.*s\r\n", width, width, body);
        request = (size_t)n;
        blocks[q] = malloc(request * depth);
        for (size_t i = 0; i < depth; i++) memcpy(blocks[q] + i * request, text, request);
    }
}

static void read_options(int argc, char **argv) {
    static const struct option known[] = {
        {"port", 1, 0, 'p'}, {"connections", 1, 0, 'c'}, {"depth", 1, 0, 'd'},
        {"publishers", 1, 0, 'P'}, {"window", 1, 0, 'w'}, {"seconds", 1, 0, 's'},
        {"warm", 1, 0, 'W'}, {"count", 1, 0, 'n'}, {"payload", 1, 0, 'b'},
        {"queues", 1, 0, 'q'}, {"gap", 1, 0, 'g'}, {"login", 1, 0, 'l'}, {0, 0, 0, 0}};
    for (int o; (o = getopt_long(argc, argv, "", known, NULL)) != -1;) switch (o) {
        case 'p': port = atoi(optarg); break;
        case 'c': connections = atoi(optarg); break;
        case 'd': depth = (size_t)atol(optarg); break;
        case 'P': publishers = atoi(optarg); break;
        case 'w': window = atoi(optarg); break;
        case 's': seconds = atof(optarg); break;
        case 'W': warm = atof(optarg); break;
        case 'n': count = atol(optarg); break;
        case 'b': payload = (size_t)atol(optarg); break;
        case 'q': queues = atoi(optarg); break;
        case 'g': gap = atol(optarg); break;
        case 'l': login = optarg; break;
        default: exit(2);
        }
    mode = optind < argc ? argv[optind] : "";
    int cycle = !strcmp(mode, "cycle");
    expected = !strcmp(mode, "ping") ? "PONG" : !strcmp(mode, "put") ? "INSERTED " : "OK#";
    if (!strcmp(mode, "put") || !strcmp(mode, "beanstalkd-cycle")) login = "";
    if (port < 1 || port > 65535 || connections < 1 || connections + publishers > MOST_CONNECTIONS ||
        depth < 1 || depth > 100000 || payload < 1 || payload > LONGEST / 2 - 1 || queues < 1 ||
        queues > 999 || publishers < 0 || window < 1 || seconds <= 0 || count < 1 || gap < 0 ||
        (gap && connections > 1) || (cycle != (publishers > 0)))
        fail("an option is missing or out of bounds");
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(double took) {
    if (counted <= 0 || took <= 0) fail("nothing was answered in time");
    printf("{\"done\": %ld, \"seconds\": %.6f, \"rate\": %.2f", counted, took, (double)counted / took);
    if (sampled) {
        qsort(samples, (size_t)sampled, sizeof *samples, by_size);
        printf(", \"p50_ms\": %.4f, \"p99_ms\": %.4f, \"max_ms\": %.4f", samples[sampled / 2] * 1e3,
               samples[(long)((double)sampled * 0.99)] * 1e3, samples[sampled - 1] * 1e3);
    }
    printf("}\n");
}

static void hold(void) {
    printf("{\"held\": %d}\n", connections);
    fflush(stdout);
    while (getchar() != EOF) continue;
    struct epoll_event events[1];
    if (epoll_wait(poller, events, 1, 0) > 0) fail("the server spoke to or closed an idle connection");
}

static void start_all(void) {
    for (int i = 0; i < connections + publishers; i++) {
        struct connection *c = &conns[i];
        if (c->role == REQUESTER) ask(c, (int)depth);
        if (c->role == CYCLER) ask(c, 1);
        if (c->role == WORKER) take_lines(c); /* what was pushed with the answer to SUBSCRIBE */
    }
    for (int i = 0; publishers && i < window; i++, credits++)
        conns[connections + i % publishers].credit++;
    for (int i = 0; i < publishers; i++) publish_credit(&conns[connections + i]);
}

static void run(void) {
    double t0 = now(), at = t0, heard = t0;
    long before = 0;
    int warming = warm > 0;
    began = t0;
    start_all();
    while (done - before < count && (warming || done == before || (!stopped && at - began < seconds))) {
        struct epoll_event events[256];
        int n = epoll_wait(poller, events, 256, 100);
        if (n < 0 && errno != EINTR) fail("epoll: %s", strerror(errno));
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) flush(c);
            if (events[i].events & ~(unsigned)EPOLLOUT && receive(c)) take_lines(c);
        }
        at = now();
        if (n > 0) heard = at;
        if (at - heard > 20) fail("silence for 20 s after %ld", done);
        if (warming && at - t0 >= warm) {
            warming = 0;
            before = done;
            sampled = 0;
            began = at;
        }
    }
    counted = done - before;
    report(at - began);
}

int main(int argc, char **argv) {
    read_options(argc, argv);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    struct sigaction quit = {.sa_handler = stop};
    sigaction(SIGTERM, &quit, NULL);
    sigset_t held; /* by who started us, so that none comes before the line above */
    sigemptyset(&held);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &held, NULL);
    int all = connections + publishers;
    make_blocks();
    conns = calloc((size_t)all, sizeof *conns);
    held_back = calloc((size_t)connections, sizeof *held_back);
    samples = malloc(sizeof *samples * MOST_SAMPLES);
    poller = epoll_create1(0);
    for (int i = 0; i < all; i++) {
        struct connection *c = &conns[i];
        c->block = i % queues;
        c->sent = calloc(depth, sizeof *c->sent);
        c->role = i >= connections ? PUBLISHER
                  : publishers     ? WORKER
                  : !strcmp(mode, "beanstalkd-cycle") ? CYCLER
                                                      : REQUESTER;
        open_connection(c);
    }
    for (int i = 0; i < all; i++) expect_welcome(&conns[i]);
    if (!strcmp(mode, "hold")) hold();
    else run();
    return 0;
}
