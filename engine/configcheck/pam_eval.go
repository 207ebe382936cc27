package configcheck

import "strings"

// A pamSituation is somebody at the login prompt who does not know a password.
type pamSituation int

const (
	wrongPassword pamSituation = iota // the account has a password and another one was typed
	emptyPassword                     // the account has no password and nothing was typed
)

// A pamAnswer is what a module may return. granted means that the module let
// this particular user in on purpose, a member of a group for instance: what
// follows from that is a decision of the administrator, not a mistake.
type pamAnswer struct {
	code    string
	granted bool
}

var (
	answerSuccess = []pamAnswer{{code: "success"}}
	answerIgnore  = []pamAnswer{{code: "ignore"}}
	answerWrong   = []pamAnswer{{code: "auth_err"}}
	answerEither  = []pamAnswer{{code: "success", granted: true}, {code: "auth_err"}, {code: "ignore"}}
	answerUnknown = []pamAnswer{{code: "auth_err"}, {code: "user_unknown"}, {code: "authinfo_unavail"}}
)

// pamAnswers are the answers of modules that do not look at the password, as
// their manual pages state them. Modules that are not listed authenticate by
// something else and are taken to refuse.
var pamAnswers = map[string][]pamAnswer{
	"pam_permit": answerSuccess, "pam_securetty": answerSuccess, "pam_shells": answerSuccess,
	"pam_tally": answerSuccess, "pam_tally2": answerSuccess,
	"pam_deny": answerWrong, "pam_rootok": answerWrong,
	"pam_env": answerIgnore, "pam_faildelay": answerIgnore, "pam_nologin": answerIgnore,
	"pam_issue": answerIgnore, "pam_group": answerIgnore, "pam_mail": answerIgnore,
	"pam_keyinit": answerIgnore, "pam_cap": answerIgnore, "pam_echo": answerIgnore,
	"pam_motd": answerIgnore, "pam_selinux": answerIgnore, "pam_warn": answerIgnore,
	"pam_gnome_keyring": answerIgnore, "pam_kwallet": answerIgnore, "pam_kwallet5": answerIgnore,
	"pam_ecryptfs": answerIgnore, "pam_mount": answerIgnore, "pam_systemd": answerIgnore,
	"pam_succeed_if": answerEither, "pam_localuser": answerEither, "pam_usertype": answerEither,
	"pam_access": answerEither, "pam_listfile": answerEither, "pam_time": answerEither,
	"pam_rhosts": answerEither, "pam_ftp": answerEither, "pam_lastlog": answerEither, "pam_wheel": answerEither,
}

func (s pamSituation) answers(r pamRule) []pamAnswer {
	switch {
	case r.mustFail:
		return []pamAnswer{{code: "perm_denied"}}
	case isPAMUnix(r.module):
		if s == emptyPassword && acceptsEmpty(r) {
			return answerSuccess
		}
		return answerWrong
	case r.module == "pam_faillock":
		if r.has("authfail") {
			return answerIgnore
		}
		return answerSuccess
	case r.module == "pam_nologin" && r.has("successok"):
		return answerSuccess
	case r.module == "pam_wheel" && !r.has("trust"):
		return []pamAnswer{{code: "ignore"}, {code: "perm_denied"}}
	}
	if a, ok := pamAnswers[r.module]; ok {
		return a
	}
	return answerUnknown
}

func isPAMUnix(module string) bool {
	return module == "pam_unix" || module == "pam_unix2" || strings.HasPrefix(module, "pam_unix_")
}

func acceptsEmpty(r pamRule) bool { return r.has("nullok") || r.has("nullok_secure") }

// pamImpression is what libpam thinks of the attempt so far.
type pamImpression uint8

const (
	undecided pamImpression = iota
	positive
	negative
)

type pamMark struct {
	impression pamImpression
	ok         bool // the status is PAM_SUCCESS
}

// A pamState is a point of the evaluation. It is comparable, so that no state is
// looked at twice.
type pamState struct {
	next, level int
	mark        pamMark
	saved       [maxPAMDepth + 2]pamMark // at the entry of each substack
	granted     bool
}

// maxPAMStates bounds the evaluation of one stack; real ones need a few dozen.
const maxPAMStates = 100_000

// canSucceed says whether the stack lets the user of the situation in, and
// returns the rules that answered on the way. It follows _pam_dispatch_aux of
// libpam, over every answer that the modules may give. errPAMSize: the stack has
// too many ways to be followed to the end.
func (s pamSituation) canSucceed(stack []pamHandler) (trail []pamRule, ok bool, err error) {
	e := pamEval{situation: s, stack: stack, dead: map[pamState]bool{}}
	if e.run(pamState{}, &trail) {
		return trail, true, nil
	}
	if len(e.dead) >= maxPAMStates {
		return nil, false, errPAMSize
	}
	return nil, false, nil
}

type pamEval struct {
	situation pamSituation
	stack     []pamHandler
	dead      map[pamState]bool // states that end in a refusal
}

func (e *pamEval) run(st pamState, trail *[]pamRule) bool {
	if st.next >= len(e.stack) {
		return st.mark.impression == positive && st.mark.ok && !st.granted
	}
	if e.dead[st] || len(e.dead) >= maxPAMStates {
		return false
	}
	from := st
	h := e.stack[st.next]
	if st.level < h.level {
		st.saved[h.level] = st.mark
	}
	st.level = h.level
	if h.substack {
		st.next++
		return e.run(st, trail)
	}
	depth := len(*trail)
	for _, a := range e.situation.answers(h.pamRule) {
		*trail = append((*trail)[:depth], h.pamRule)
		if e.run(e.step(st, h, a), trail) {
			return true
		}
	}
	*trail = (*trail)[:depth]
	e.dead[from] = true
	return false
}

// step applies the action for an answer.
func (e *pamEval) step(st pamState, h pamHandler, a pamAnswer) pamState {
	action := h.control.after(a.code)
	at := st.next
	st.next++
	switch action {
	case pamIgnore:
	case pamReset:
		st.mark = st.saved[h.level]
	case pamOK, pamDone:
		if a.code != "ignore" && (st.mark.impression == undecided || st.mark.impression == positive && st.mark.ok) {
			st.mark = pamMark{impression: positive, ok: a.code == "success"}
		}
		if action == pamDone && st.mark.impression == positive {
			st.granted = st.granted || a.granted
			st.next = e.endOfLevel(at, h.level)
		}
	case pamBad, pamDie:
		if st.mark.impression != negative {
			st.mark = pamMark{impression: negative}
		}
		if action == pamDie {
			st.next = e.endOfLevel(at, h.level)
		}
	default:
		st.granted = st.granted || a.granted
		var whole bool
		if st.next, whole = e.jump(at, h.level, int(action)); !whole {
			st.mark = pamMark{impression: negative}
		}
	}
	return st
}

// jump skips n rules of the level; a substack counts as one. whole is false when
// there are not that many, which libpam treats as a refusal.
func (e *pamEval) jump(at, level, n int) (next int, whole bool) {
	i := at
	for i+1 < len(e.stack) && e.stack[i+1].level >= level && n > 0 {
		i++
		for i+1 < len(e.stack) && e.stack[i+1].level > level {
			i++
		}
		n--
	}
	return i + 1, n == 0
}

func (e *pamEval) endOfLevel(at, level int) int {
	for at+1 < len(e.stack) && e.stack[at+1].level >= level {
		at++
	}
	return at + 1
}
