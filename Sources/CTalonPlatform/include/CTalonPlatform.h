/* The kernel facilities that Talon uses and that Swift cannot reach, or cannot reach safely. One pair of files each. */
#ifndef CTALONPLATFORM_H
#define CTALONPLATFORM_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "talon_allocator.h"
#include "talon_atomics.h"
#include "talon_daemon.h"
#include "talon_deathwatch.h"
#include "talon_descriptors.h"
#include "talon_http2_library.h"
#include "talon_message.h"
#include "talon_orphan.h"
#include "talon_passing.h"
#include "talon_queue.h"
#include "talon_renaming.h"
#include "talon_secure.h"
#include "talon_sendfile.h"
#include "talon_signals.h"
#include "talon_spawn.h"
#include "talon_title.h"
#include "talon_tls_library.h"

#endif
