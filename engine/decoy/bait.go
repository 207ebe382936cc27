package decoy

import (
	"crypto/ed25519"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

const plainText = "text/plain; charset=utf-8"

func makeLink(b bait) (Token, error) {
	link := b.link("handover.html")
	return Token{Name: "Handover.url", Type: "application/internet-shortcut", Data: []byte("[InternetShortcut]\r\nURL=" + link + "\r\n"), Value: link,
		Advice: "Put the link where only an intruder reads, such as a private note, a wiki page without readers or a mailbox of nobody."}, nil
}

func makeName(b bait) (Token, error) {
	name := "vault." + b.id + "." + b.zone
	return Token{Name: "hosts-old.txt", Type: plainText, Data: []byte("# before the move, see change 1182\n" + name + "\n"), Value: name,
		Advice: "Write the name into a file of connections or a configuration that nobody uses: looking it up is enough to ring."}, nil
}

func makeMailAddress(b bait) (Token, error) {
	address := "accounts@" + b.id + "." + b.zone
	return Token{Name: "address.txt", Type: plainText, Data: []byte(address + "\n"), Value: address,
		Advice: "Put the address into a customer list or an address book: mail to it, or a look-up of its domain, means that the list was taken."}, nil
}

// makeCloudKey makes a key that nobody can own: the digits 0, 1, 8 and 9 do not occur
// in ids that a provider gives out.
func makeCloudKey(b bait) (Token, error) {
	seed := b.derive("cloud key")
	id := accessKey(seed)
	secret := base64.StdEncoding.EncodeToString(b.derive("cloud secret"))[:40]
	text := fmt.Sprintf("[profile backup-admin]\nregion = eu-central-1\noutput = json\naws_access_key_id = %s\naws_secret_access_key = %s\nendpoint_url = %s\n", id, secret, b.link(""))
	return Token{Name: "config", Type: plainText, Data: []byte(text), Value: id, Marks: []string{id},
		Advice: "Save it as .aws/config in the home of an account on a server; the profile sends every call to us, and the key opens nothing."}, nil
}

// accessKey writes 75 bits as a key id, with a digit among them that no real one has.
func accessKey(seed []byte) string {
	letters := base32.StdEncoding.EncodeToString(seed)[:15]
	at := int(seed[20]) % 15
	return "AKIA" + letters[:at] + string("0189"[seed[21]%4]) + letters[at:]
}

func makeAPIToken(b bait) (Token, error) {
	token := "tok_" + b.id
	text := fmt.Sprintf("# service account of the nightly export, do not rotate before the migration\nEXPORT_API_URL=%s\nEXPORT_API_TOKEN=%s\n", b.link("v1/export"), token)
	return Token{Name: ".env.production", Type: plainText, Data: []byte(text), Value: token,
		Advice: "Leave the file beside the code of an internal tool or in a build server; whoever tries the token shows himself."}, nil
}

// Parts of people who do not exist.
var (
	firstNames = []string{"Ada", "Bruno", "Carla", "Dmitri", "Elin", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Lars", "Mina", "Nils", "Olga", "Pavel"}
	lastNames  = []string{"Abendroth", "Brackwell", "Castellan", "Dornfeld", "Eastbrook", "Falkner", "Greyling", "Hollberg", "Isenmann", "Jarnwood", "Kestrin", "Lindqvar", "Marblewood", "Norrhagen", "Ostervale", "Pennwarden"}
)

func makeRow(b bait) (Token, error) {
	seed := b.derive("person")
	first, last := firstNames[seed[0]%16], lastNames[seed[1]%16]
	mail, page := fmt.Sprintf("%s.%s@example.com", strings.ToLower(first), strings.ToLower(last)), ""
	if b.zone != "" {
		mail = fmt.Sprintf("%s.%s@%s.%s", strings.ToLower(first), strings.ToLower(last), b.id, b.zone)
	}
	if b.base != nil {
		page = b.link("profile")
	}
	phone := fmt.Sprintf("+44 1632 960%03d", (int(seed[2])<<8|int(seed[3]))%1000) // a range kept for fiction
	sql := fmt.Sprintf("INSERT INTO customers (name, email, phone, website) VALUES ('%s %s', '%s', '%s', '%s');\n", first, last, mail, phone, page)
	value := mail
	if b.zone == "" {
		value = page
	}
	return Token{Name: "customer.sql", Type: "application/sql", Data: []byte(sql), Value: value,
		Advice: "Insert the row into the table of customers or staff; mail to the person, or a look at the website, means that the table was taken."}, nil
}

func makeQR(b bait) (Token, error) {
	link := b.link("wifi")
	svg, err := QRCode(link)
	return Token{Name: "label.svg", Type: "image/svg+xml", Data: svg, Value: link,
		Advice: "Print it and stick it where a visitor should not be: inside a cabinet, under a keyboard, on the door of a server room."}, err
}

func makeSSHKey(b bait) (Token, error) {
	key := ed25519.NewKeyFromSeed(b.derive("ssh key"))
	where := b.id + "." + b.zone
	if b.zone == "" {
		_, where, _ = strings.Cut(b.link(""), "://")
	}
	comment := "backup@" + where
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return Token{}, err
	}
	block := &pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: openSSHKey(key, public.Marshal(), comment, b.derive("ssh check"))}
	fingerprint := ssh.FingerprintSHA256(public)
	return Token{Name: "id_ed25519", Type: "application/x-pem-file", Data: pem.EncodeToMemory(block), Value: comment, Marks: []string{fingerprint},
		Advice: "Lay it into the .ssh folder of a machine, and let no server trust it: our SSH decoys know it by its fingerprint, and its comment leads to us."}, nil
}

// openSSHKey writes a key as ssh-keygen does without a passphrase. The library would
// put randomness of its own into it, and the token would differ each time.
func openSSHKey(key ed25519.PrivateKey, public []byte, comment string, seed []byte) []byte {
	check := binary.BigEndian.Uint32(seed)
	private := ssh.Marshal(struct {
		Check1, Check2 uint32
		Type           string
		Public         []byte
		Private        []byte
		Comment        string
	}{check, check, ssh.KeyAlgoED25519, key[32:], key, comment})
	for i := byte(1); len(private)%8 != 0; i++ {
		private = append(private, i)
	}
	return append([]byte("openssh-key-v1\x00"), ssh.Marshal(struct {
		Cipher, KDF, Options string
		Keys                 uint32
		Public, Private      []byte
	}{"none", "none", "", 1, public, private})...)
}

func makeKubeconfig(b bait) (Token, error) {
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: production
  cluster:
    server: %s
contexts:
- name: admin@production
  context:
    cluster: production
    user: admin
current-context: admin@production
users:
- name: admin
  user:
    token: tok_%s
`, strings.TrimSuffix(b.link(""), "/"), b.id)
	return Token{Name: "config", Type: "application/yaml", Data: []byte(text), Value: b.link(""),
		Advice: "Save it as .kube/config of an account that runs no cluster: the first command with it rings."}, nil
}

func makeHiddenFile(b bait) (Token, error) {
	text := fmt.Sprintf("old access, to be removed after the audit\n\nbackup console   %s\nuser             svc-backup\npassword         %s\n",
		b.link("console"), "Wn"+base64.RawURLEncoding.EncodeToString(b.derive("password"))[:12]+"!")
	return Token{Name: ".passwords.old.txt", Type: plainText, Data: []byte(text), Value: b.link("console"),
		Advice: "Leave the file in a home folder or on a share; it rings when somebody opens the address in it."}, nil
}

// makePageClone makes a script that tells when the page is shown by a foreign host. It
// sends the address of that page without its query, which may hold secrets.
func makePageClone(b bait) (Token, error) {
	own, err := json.Marshal(strings.ToLower(b.Host))
	if err != nil {
		return Token{}, err
	}
	home, err := json.Marshal(b.link("pixel.gif"))
	if err != nil {
		return Token{}, err
	}
	js := fmt.Sprintf("(function (own, home) {\n  var here = location.hostname.toLowerCase();\n  if (here !== own) {\n    new Image().src = home + \"?at=\" + encodeURIComponent(location.origin + location.pathname);\n  }\n})(%s, %s);\n", own, home)
	return Token{Name: "page.js", Type: "text/javascript", Data: []byte(js), Value: b.link("pixel.gif"),
		Advice: "Include the script in the sign-in page: whoever copies the page for phishing copies the alarm, which rings with the address of the copy."}, nil
}
