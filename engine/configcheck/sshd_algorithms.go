package configcheck

import (
	"path"
	"strings"
)

// before says whether the server is older than a version of OpenSSH. A version
// that is not known is taken for a current one.
func (c *sshdConfig) before(major, minor int) bool {
	return c.major != 0 && (c.major < major || c.major == major && c.minor < minor)
}

// sshdDefaults are the built-in values of sshd_config(5) that the checks need.
var sshdDefaults = map[string]string{
	"passwordauthentication": "yes", "kbdinteractiveauthentication": "yes", "permitemptypasswords": "no",
	"x11forwarding": "no", "maxauthtries": "6", "loglevel": "INFO", "allowagentforwarding": "yes",
	"allowtcpforwarding": "yes", "disableforwarding": "no", "usepam": "no", "strictmodes": "yes",
	"hostbasedauthentication": "no", "ignorerhosts": "yes", "permituserenvironment": "no",
	"gatewayports": "no", "permittunnel": "no", "logingracetime": "120", "authenticationmethods": "any",
}

// defaultOf is the value sshd uses when the keyword is not written. The lists of
// algorithms and the changed defaults follow the release notes of OpenSSH.
func (c *sshdConfig) defaultOf(key string) string {
	switch key {
	case "permitrootlogin":
		if c.before(7, 0) {
			return "yes"
		}
		return "prohibit-password"
	case "protocol":
		if c.before(5, 4) {
			return "2,1"
		}
		return "2"
	case "ciphers":
		return c.defaultCiphers()
	case "macs":
		return c.defaultMACs()
	case "kexalgorithms":
		return c.defaultKex()
	case "hostkeyalgorithms", "pubkeyacceptedalgorithms":
		return c.defaultKeys()
	}
	return sshdDefaults[key]
}

func (c *sshdConfig) defaultCiphers() string {
	list := "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr"
	if c.before(6, 7) {
		list = "aes128-ctr,aes192-ctr,aes256-ctr,arcfour256,arcfour128,aes128-cbc,3des-cbc,blowfish-cbc,cast128-cbc,aes192-cbc,aes256-cbc,arcfour"
	}
	return list
}

func (c *sshdConfig) defaultMACs() string {
	list := "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com," +
		"hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1"
	if c.before(6, 7) {
		list = "hmac-md5,hmac-sha1,umac-64@openssh.com,hmac-ripemd160,hmac-sha1-96,hmac-md5-96,hmac-sha2-256,hmac-sha2-512"
	}
	return list
}

func (c *sshdConfig) defaultKex() string {
	const curves = "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521"
	const groups = ",diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256"
	switch {
	case c.before(6, 7):
		return "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256," +
			"diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1"
	case c.before(8, 2):
		return curves + groups + ",diffie-hellman-group14-sha1"
	case c.before(9, 0):
		return curves + groups
	case c.before(10, 0):
		return "sntrup761x25519-sha512@openssh.com," + curves + groups
	}
	return "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com," + curves
}

func (c *sshdConfig) defaultKeys() string {
	list := "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256"
	if c.before(8, 8) {
		list += ",ssh-rsa"
	}
	if c.before(7, 0) {
		list += ",ssh-dss"
	}
	return list
}

// algorithms resolves a list of sshd_config: +list appends to the default, ^list
// puts it in front, -list removes what its patterns match.
func (c *sshdConfig) algorithms(s sshdSetting) []string {
	value := strings.ReplaceAll(s.value(), " ", "")
	if value == "" {
		return splitList(c.defaultOf(s.key))
	}
	base := splitList(c.defaultOf(s.key))
	switch value[0] {
	case '+':
		return append(base, splitList(value[1:])...)
	case '^':
		return append(splitList(value[1:]), base...)
	case '-':
		return without(base, splitList(value[1:]))
	}
	return splitList(value)
}

func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' })
}

func without(list, patterns []string) []string {
	var kept []string
	for _, name := range list {
		drop := false
		for _, p := range patterns {
			if ok, _ := path.Match(p, name); ok {
				drop = true
			}
		}
		if !drop {
			kept = append(kept, name)
		}
	}
	return kept
}

// outdated returns the algorithms of a setting for which weak is true.
func (c *sshdConfig) outdated(s sshdSetting, weak func(name string) bool) []string {
	var list []string
	seen := map[string]bool{}
	for _, a := range c.algorithms(s) {
		if weak(a) && !seen[a] {
			seen[a] = true
			list = append(list, a)
		}
	}
	return list
}

func weakCipher(a string) bool {
	return strings.Contains(a, "-cbc") || strings.HasPrefix(a, "arcfour") || a == "none" || a == "rijndael-cbc@lysator.liu.se"
}

// brokenMAC are codes with a broken hash or a short tag; dullMAC are SHA-1 and
// 64-bit tags, which no attack is known for in this use.
func brokenMAC(a string) bool {
	return strings.HasPrefix(a, "hmac-md5") || strings.HasPrefix(a, "hmac-sha1-96") || strings.HasPrefix(a, "hmac-ripemd160") || a == "none"
}

func dullMAC(a string) bool {
	return strings.HasPrefix(a, "hmac-sha1") || strings.HasPrefix(a, "umac-64")
}

func weakKex(a string) bool {
	return strings.HasSuffix(a, "-sha1") || strings.Contains(a, "-sha1-") || strings.HasPrefix(a, "diffie-hellman-group1-")
}

func weakKeyAlgorithm(a string) bool {
	return a == "ssh-rsa" || strings.HasPrefix(a, "ssh-dss") || strings.HasPrefix(a, "ssh-rsa-cert")
}
