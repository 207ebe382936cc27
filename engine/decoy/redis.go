package decoy

import (
	"fmt"
	"strconv"
	"strings"
)

// redisArgs bounds the words of one command, as far as they are read.
const redisArgs = 64

// serveRedis answers commands of the Redis protocol, both as arrays and as lines.
func serveRedis(s *session) {
	inside := !s.options.Locked
	for {
		words, ok := redisCommand(s)
		if !ok {
			return
		}
		if len(words) == 0 {
			continue
		}
		verb := strings.ToUpper(words[0])
		var answer string
		switch {
		case verb == "AUTH", verb == "HELLO" && hasWord(words, "AUTH"):
			answer, inside = redisAuth(s, verb, words, inside)
		default:
			noteRedis(s, verb, words)
			answer = redisAnswer(s, verb, words, inside)
		}
		if !s.say("%s", answer) {
			return
		}
		if verb == "QUIT" || verb == "SHUTDOWN" {
			return
		}
	}
}

// redisCommand reads one command. Of its words as much is kept as fits into a line.
func redisCommand(s *session) ([]string, bool) {
	line, ok := s.line()
	if !ok {
		return nil, false
	}
	count, array := strings.CutPrefix(line, "*")
	if !array {
		return strings.Fields(line), true
	}
	n, err := strconv.Atoi(count)
	if err != nil || n > redisArgs {
		s.rec.command(line)
		s.say("-ERR Protocol error: invalid multibulk length\r\n")
		return nil, false
	}
	var words []string
	room := s.server.config.Limits.Line
	for range n {
		word, ok := redisWord(s, room)
		if !ok {
			return nil, false
		}
		words = append(words, word)
		room -= len(word)
	}
	return words, true
}

func redisWord(s *session, room int) (string, bool) {
	head, ok := readLine(s.r, 32)
	size, bulk := strings.CutPrefix(head, "$")
	n, err := strconv.Atoi(size)
	if !ok || !bulk || err != nil || n < 0 {
		s.rec.command(head)
		return "", false
	}
	keep := min(n, room)
	word, ok := s.more(keep)
	if !ok {
		noteRest(s, string(word))
		return "", false
	}
	if _, err := s.r.Discard(n - keep + 2); err != nil {
		return "", false
	}
	return string(word), true
}

func hasWord(words []string, word string) bool {
	for _, w := range words {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

// redisAuth records AUTH [user] secret, also inside of HELLO.
func redisAuth(s *session, verb string, words []string, inside bool) (string, bool) {
	for len(words) > 0 && !strings.EqualFold(words[0], "AUTH") {
		words = words[1:]
	}
	words = words[1:]
	user, secret := "default", ""
	switch {
	case len(words) == 0 || verb == "HELLO" && len(words) < 2:
		return "-ERR wrong number of arguments for 'auth' command\r\n", inside
	case len(words) == 1:
		secret = words[0]
	default:
		user, secret = words[0], words[1]
	}
	s.rec.credential(user, secret, "password")
	if s.admits() {
		return "+OK\r\n", true
	}
	if !s.options.Locked {
		return "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n", inside
	}
	return "-WRONGPASS invalid username-password pair or user is disabled.\r\n", inside
}

// noteRedis records a command as it would be typed, and how the client names itself.
func noteRedis(s *session, verb string, words []string) {
	s.rec.command(strings.Join(words, " "))
	s.rec.tokens(RecogniseText(strings.Join(words, " "))...)
	if verb == "CLIENT" && len(words) > 2 {
		switch {
		case strings.EqualFold(words[1], "SETNAME"):
			s.rec.client(words[2])
		case strings.EqualFold(words[1], "SETINFO") && len(words) > 3 && strings.EqualFold(words[2], "LIB-NAME"):
			s.rec.client(words[3])
		}
	}
}

func redisBulk(text string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(text), text) }

func redisList(words ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		b.WriteString(redisBulk(w))
	}
	return b.String()
}

// redisAnswer is what a small store answers that holds a few sessions.
func redisAnswer(s *session, verb string, words []string, inside bool) string {
	if !inside && verb != "QUIT" {
		return "-NOAUTH Authentication required.\r\n"
	}
	switch verb {
	case "PING":
		if len(words) > 1 {
			return redisBulk(words[1])
		}
		return "+PONG\r\n"
	case "ECHO":
		if len(words) > 1 {
			return redisBulk(words[1])
		}
	case "INFO":
		return redisBulk(redisInfo(s))
	case "DBSIZE":
		return ":3\r\n"
	case "KEYS":
		return redisList("session:4f1c", "session:91aa", "queue:mail")
	case "SCAN":
		return "*2\r\n" + redisBulk("0") + redisList("session:4f1c", "session:91aa", "queue:mail")
	case "TYPE":
		return "+string\r\n"
	case "GET":
		if len(words) != 2 {
			return "-ERR wrong number of arguments for 'get' command\r\n"
		}
		return "$-1\r\n"
	case "EXISTS", "DEL", "TTL", "EXPIRE":
		return ":0\r\n"
	case "COMMAND", "LRANGE", "SMEMBERS", "HGETALL":
		return "*0\r\n"
	case "CONFIG":
		return redisConfig(words)
	case "EVAL", "MODULE", "DEBUG":
		return "-ERR unknown command '" + strings.ToLower(verb) + "'\r\n"
	case "QUIT", "SET", "SETEX", "SELECT", "CLIENT", "SAVE", "BGSAVE", "FLUSHALL", "FLUSHDB", "SLAVEOF", "REPLICAOF", "MULTI", "AUTH":
		return "+OK\r\n"
	case "HELLO":
		return "-NOPROTO unsupported protocol version\r\n"
	}
	return fmt.Sprintf("-ERR unknown command '%s'\r\n", visible(words[0], 128))
}

func redisConfig(words []string) string {
	if len(words) < 3 || !strings.EqualFold(words[1], "GET") {
		return "+OK\r\n"
	}
	known := map[string]string{"dir": "/var/lib/redis", "dbfilename": "dump.rdb", "appendonly": "no", "save": "3600 1 300 100", "maxmemory": "0"}
	value, ok := known[strings.ToLower(words[2])]
	if !ok {
		return "*0\r\n"
	}
	return redisList(words[2], value)
}

func redisInfo(s *session) string {
	return strings.Join([]string{"# Server", "redis_version:" + s.options.Banner, "redis_mode:standalone", "os:Linux 6.1.0-18-amd64 x86_64",
		"arch_bits:64", "process_id:611", "tcp_port:6379", "uptime_in_days:61", "executable:/usr/bin/redis-server", "config_file:/etc/redis/redis.conf", "",
		"# Clients", "connected_clients:2", "", "# Memory", "used_memory_human:1.12M", "", "# Replication", "role:master", "connected_slaves:0", "",
		"# Keyspace", "db0:keys=3,expires=2,avg_ttl=512004", ""}, "\r\n")
}
