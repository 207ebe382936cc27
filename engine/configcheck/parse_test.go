package configcheck

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

// rootHost is a host over a few files.
func rootHost(files map[string]string) *host {
	root := fstest.MapFS{}
	for name, body := range files {
		root[name] = &fstest.MapFile{Data: []byte(body), Mode: 0o644, Sys: engine.Ownership{}}
	}
	return newHost(nil, &engine.Target{Kind: engine.Root, FS: root, Inventory: &engine.Inventory{}})
}

// Each stack with what libpam answers to somebody who has no password and types
// nothing, and to somebody who types a wrong one.
func TestPAMStacksAreEvaluatedLikeLibpamDoes(t *testing.T) {
	tests := []struct {
		name         string
		stack        string
		empty, wrong bool
	}{
		{"required in front of a refusal", "auth required pam_unix.so nullok\nauth required pam_deny.so", false, false},
		{"sufficient in front of a refusal", "auth sufficient pam_unix.so nullok\nauth required pam_deny.so", true, false},
		{"a refusal before sufficient stays", "auth required pam_deny.so\nauth sufficient pam_unix.so nullok", false, false},
		{"a jump past the end refuses", "auth [success=1 default=ignore] pam_unix.so nullok", false, false},
		{"a jump to the end leaves nothing decided", "auth [success=1 default=ignore] pam_unix.so nullok\nauth required pam_deny.so", false, false},
		{"an unknown control word is bad", "auth sometimes pam_unix.so nullok\nauth required pam_permit.so", false, false},
		{"a value that is not written is bad", "auth [success=ok] pam_unix.so\nauth required pam_permit.so", false, false},
		{"default does not replace a written value", "auth [default=bad success=ok] pam_unix.so nullok", true, false},
		{"ignore alone decides nothing", "auth required pam_env.so\nauth sufficient pam_unix.so nullok", true, false},
		{"done after bad does not help", "auth [default=bad] pam_deny.so\nauth [success=done] pam_permit.so", false, false},
		{"die ends at once", "auth requisite pam_deny.so\nauth sufficient pam_permit.so", false, false},
		{"a jump past the end takes a success back", "auth required pam_permit.so\nauth [default=1] pam_unix.so nullok", false, false},
		{"a refusal that dies cannot be reset", "auth requisite pam_deny.so\nauth [default=reset] pam_debug.so\nauth required pam_permit.so", false, false},
		{"ignore with ok decides nothing", "auth [default=ok] pam_env.so\nauth sufficient pam_unix.so nullok", true, false},
		{"reset forgets the refusal", "auth required pam_deny.so\nauth [default=reset] pam_debug.so\nauth required pam_permit.so", true, true},
		{"an optional success counts when it is alone", "auth optional pam_permit.so", true, true},
		{"a wrong answer with ok is no success", "auth [default=ok] pam_unix.so\nauth required pam_permit.so", false, false},
		{"rules of other kinds do not count", "account required pam_permit.so\nauth required pam_deny.so", false, false},
		{"upper case and a dash", "-AUTH SUFFICIENT pam_unix.so nullok", true, false},
		{"a path names the same module", "auth required /lib/security/pam_unix.so nullok", true, false},
		{"authsucc reached with a wrong password", "auth sufficient pam_unix.so\nauth required pam_faillock.so authfail\nauth sufficient pam_faillock.so authsucc", true, true},
		{"authfail that dies", "auth sufficient pam_unix.so\nauth [default=die] pam_faillock.so authfail\nauth sufficient pam_faillock.so authsucc", false, false},
		{"a module that is not known refuses", "auth sufficient pam_homegrown.so\nauth required pam_deny.so", false, false},
		{"wheel trust is on purpose", "auth sufficient pam_wheel.so trust use_uid\nauth required pam_unix.so", false, false},
		{"a comment ends the line", "auth required pam_deny.so # \\\nauth sufficient pam_permit.so", false, false},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			stack, err := rootHost(map[string]string{"etc/pam.d/login": tc.stack}).pamStack("login", "auth")
			if err != nil {
				t.Fatal(err)
			}
			if _, got, _ := emptyPassword.canSucceed(stack); got != tc.empty {
				t.Errorf("empty password: got in = %v, want %v", got, tc.empty)
			}
			if _, got, _ := wrongPassword.canSucceed(stack); got != tc.wrong {
				t.Errorf("wrong password: got in = %v, want %v", got, tc.wrong)
			}
		})
	}
}

func TestASubstackEndsOnlyItselfAndCountsAsOneRule(t *testing.T) {
	files := map[string]string{
		"etc/pam.d/login": "auth [success=1 default=ignore] pam_permit.so\nauth substack inner\nauth required pam_deny.so",
		"etc/pam.d/su":    "auth substack inner\nauth required pam_deny.so",
		"etc/pam.d/sudo":  "auth include inner\nauth required pam_deny.so",
		"etc/pam.d/inner": "auth sufficient pam_permit.so\nauth required pam_deny.so\nauth required pam_deny.so",
	}
	want := map[string]bool{
		"login": false, // the jump lands on pam_deny
		"su":    false, // done ends the substack, pam_deny follows
		"sudo":  true,  // done ends everything
	}
	h := rootHost(files)
	for service, open := range want {
		stack, err := h.pamStack(service, "auth")
		if err != nil {
			t.Fatal(err)
		}
		if _, got, _ := wrongPassword.canSucceed(stack); got != open {
			t.Errorf("%s: got in = %v, want %v", service, got, open)
		}
	}
}

func TestAnIncludeThatIncludesItselfEndsAndRefuses(t *testing.T) {
	h := rootHost(map[string]string{"etc/pam.d/login": "auth include login\nauth sufficient pam_permit.so"})
	stack, err := h.pamStack("login", "auth")
	if err != nil {
		t.Fatal(err)
	}
	if _, open, _ := wrongPassword.canSucceed(stack); open {
		t.Error("a loop of includes must not let anybody in")
	}
	twice := rootHost(map[string]string{"etc/pam.d/login": strings.Repeat("auth include login\n", 2)})
	if _, err := twice.pamStack("login", "auth"); err == nil {
		t.Error("a file that includes itself twice doubles at every level and must be refused")
	}
}

func TestSSHDLinesAreSplitAsSSHDDoes(t *testing.T) {
	tests := map[string]struct {
		key  string
		args []string
	}{
		`PermitRootLogin no`:                {"permitrootlogin", []string{"no"}},
		"PermitRootLogin\tno":               {"permitrootlogin", []string{"no"}},
		`PermitRootLogin=no`:                {"permitrootlogin", []string{"no"}},
		`PermitRootLogin = "no"`:            {"permitrootlogin", []string{"no"}},
		`AllowUsers ann "bob@10.0.0.1" c#d`: {"allowusers", []string{"ann", "bob@10.0.0.1", "c#d"}},
		`Banner "/etc/my banner" # why`:     {"banner", []string{"/etc/my banner"}},
		`Subsystem sftp /x -f "a b"`:        {"subsystem", []string{"sftp", "/x", "-f", "a b"}},
		`Port`:                              {"port", nil},
	}
	for in, want := range tests {
		key, args := sshdFields(in)
		if key != want.key || !cmp.Equal(args, want.args) {
			t.Errorf("%q: got %q %q, want %q %q", in, key, args, want.key, want.args)
		}
	}
}

func TestSudoRulesAreReadWithTagsAliasesAndScopes(t *testing.T) {
	h := rootHost(map[string]string{"etc/sudoers": strings.Join([]string{
		`User_Alias  A = ann, B : B = %"domain admins"`,
		`Cmnd_Alias  C = /bin/a, !D`,
		`Cmnd_Alias  D = /bin/b \, c`,
		`A, carl  h1, h2 = (www : www) NOPASSWD: SETENV: C, PASSWD: /bin/d : h3 = NOEXEC: sha256:ab= /bin/e`,
		`Defaults:A !requiretty, timestamp_timeout = 5`,
		`Defaults>root env_keep -= "LD_PRELOAD"`,
		`dora ALL = NOPASSWD: CWD=/srv TIMEOUT=5 /bin/f`,
		`this line means nothing`,
	}, "\n")})
	s, err := h.sudo()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range s.rules {
		for _, c := range r.commands {
			got = append(got, fmt.Sprintf("%v as %q: %s %v %v %v", r.users, r.runAs, c.text, c.noPassword, c.setEnv, c.noExec))
		}
	}
	want := []string{
		`[ann %domain admins carl] as "www : www": /bin/a true true false`,
		`[ann %domain admins carl] as "www : www": !/bin/b \, c true true false`,
		`[ann %domain admins carl] as "www : www": /bin/d false true false`,
		`[ann %domain admins carl] as "": sha256:ab= /bin/e false false true`,
		`[dora] as "": /bin/f true false false`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	var defaults []string
	for _, d := range s.defaults {
		defaults = append(defaults, fmt.Sprintf("%s %s=%s %v", d.scope, d.name, d.value, d.negated))
	}
	if diff := cmp.Diff([]string{"user A requiretty= true", "user A timestamp_timeout=5 false", "runas root env_keep=LD_PRELOAD false"}, defaults); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestSysctlKeysAndPatterns(t *testing.T) {
	s := sysctlSet{values: map[string]sysctlValue{}}
	s.add("net/ipv4/conf/eth0.1/rp_filter=0\n-kernel.x = 1 # no comment inside\n; no\nnet.ipv4.conf.all.rp_filter = 1\nnet.ipv4.conf.*.rp_filter = 2\nbroken\n", "f")
	got := map[string]string{}
	for k, v := range s.values {
		got[k] = v.value
	}
	want := map[string]string{
		"net.ipv4.conf.eth0/1.rp_filter":  "0",
		"kernel.x":                        "1 # no comment inside",
		"net.ipv4.conf.all.rp_filter":     "1", // the explicit key wins over the pattern
		"net.ipv4.conf.default.rp_filter": "2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheTableOfReleasesIsInOrder(t *testing.T) {
	for i, r := range releases {
		if _, err := time.Parse(time.DateOnly, r.end); err != nil || r.source == "" {
			t.Errorf("%v: the date must be year-month-day and the source named", r)
		}
		if i > 0 && releases[i-1].os == r.os && releases[i-1].version == r.version {
			t.Errorf("%v stands there twice", r)
		}
	}
}

func TestTheWalkGivesUpAndSaysSo(t *testing.T) {
	deep := strings.Repeat("d/", maxDepth+5) + "file"
	h := rootHost(map[string]string{deep: "x"})
	h.ctx = t.Context()
	w, err := h.walk()
	if err != nil || w.problem == nil {
		t.Errorf("a tree deeper than %d must be reported, got %v and %v", maxDepth, w.problem, err)
	}
	for _, v := range fileWorldWritable.look(h) {
		if v.outcome == engine.Pass {
			t.Error("a walk that gave up must not pass")
		}
	}
}

func TestManyFailuresAreListedUpToALimitAndTheRestIsCounted(t *testing.T) {
	var tl tally
	for i := range maxSubjects + 7 {
		tl.fail(fmt.Sprintf("/f%04d", i), "open")
	}
	list := tl.verdicts("good", "")
	last := list[len(list)-1]
	if len(list) != maxSubjects+1 || last.outcome != engine.Fail || !strings.HasPrefix(last.detail, "7 more") {
		t.Errorf("want %d failures and one that counts 7, got %d and %q", maxSubjects, len(list), last.detail)
	}
}

func FuzzPAM(f *testing.F) {
	f.Add("auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n")
	f.Add("@include login\n-auth [a=b=c] x [y\\]z\nauth substack other\\\n more")
	f.Fuzz(func(t *testing.T, body string) {
		h := rootHost(map[string]string{"etc/pam.d/login": body, "etc/pam.d/other": body})
		stack, err := h.pamStack("login", "auth")
		if err != nil {
			return
		}
		trail, open, _ := wrongPassword.canSucceed(stack)
		if open && len(trail) == 0 {
			t.Error("somebody got in without a rule that let them")
		}
		if _, empty, _ := emptyPassword.canSucceed(stack); open && !empty && !strings.Contains(body, "pam_unix") {
			t.Error("a stack without pam_unix must not tell the two situations apart")
		}
	})
}

func FuzzSSHD(f *testing.F) {
	f.Add("PermitRootLogin yes\nMatch User a\n Include x\nCiphers +aes128-cbc\n")
	f.Add("Include /etc/ssh/*\nCiphers=\nMACs ^\n\"")
	f.Fuzz(func(t *testing.T, body string) {
		h := rootHost(map[string]string{"etc/ssh/sshd_config": body, "etc/ssh/x": body})
		for _, c := range all {
			if strings.HasPrefix(c.ID, "sshd-") && len(c.look(h)) == 0 {
				t.Errorf("%s says nothing", c.ID)
			}
		}
	})
}

func FuzzSudoers(f *testing.F) {
	f.Add("ann ALL=(ALL:ALL) NOPASSWD: /bin/ls, !/bin/su : h2 = ALL\nDefaults:ann env_keep += \"A B\"\n@includedir /etc/d\n")
	f.Add("User_Alias A = B : B = A\nA A=A\n#include /etc/sudoers\nCmnd_Alias X=X\\\n,Y")
	f.Fuzz(func(t *testing.T, body string) {
		h := rootHost(map[string]string{"etc/sudoers": body, "etc/d/one": body})
		for _, c := range all {
			if strings.HasPrefix(c.ID, "sudo-") && len(c.look(h)) == 0 {
				t.Errorf("%s says nothing", c.ID)
			}
		}
	})
}

func FuzzSysctl(f *testing.F) {
	f.Add("net.ipv4.ip_forward = 1\n-net/ipv4/conf/*/rp_filter=[\n")
	f.Fuzz(func(t *testing.T, body string) {
		s := sysctlSet{values: map[string]sysctlValue{}}
		s.add(body, "f")
		for k := range s.values {
			if k == "" {
				t.Error("a setting without a key")
			}
		}
	})
}

func FuzzOtherFiles(f *testing.F) {
	f.Add("* hard core 0\n[Coredump]\nStorage=none\n17 * * * * root /bin/x\nPATH=a::b\n/dev/sda1 /tmp ext4 ro 0 0\numask 000\n")
	f.Fuzz(func(t *testing.T, body string) {
		files := map[string]string{"lib/modules/x": ""}
		for _, name := range []string{
			"etc/login.defs", "etc/passwd", "etc/profile", "etc/crontab", "etc/fstab", "etc/security/limits.conf", "etc/systemd/coredump.conf",
			"etc/systemd/system/a.service", "etc/nftables.conf", "etc/apt/apt.conf.d/x", "etc/apt/sources.list", "etc/os-release", "etc/ssl/x.pem", "etc/nsswitch.conf",
		} {
			files[name] = body
		}
		h := rootHost(files)
		h.ctx, h.now = t.Context(), testNow
		for _, c := range all {
			if len(c.look(h)) == 0 {
				t.Errorf("%s says nothing", c.ID)
			}
		}
	})
}
