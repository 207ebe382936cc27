package feed

import "time"

// A TellerState tells how a source of indicators of compromise goes, for people: it holds
// no secret.
type TellerState struct {
	Name    string
	Kind    string    // taxii or url; empty: the file of sources cannot be used
	Host    string    // that is asked
	Every   int       // hours
	At      time.Time // when it last worked; zero: never
	Tried   time.Time // when it was asked last
	Due     time.Time // when it is asked next by itself; zero: at the next full hour
	Trouble string    // why the last time failed; empty: it worked
	Read    int       // the last time
	Created int       // of these, new
}

// TellersExample is a file of sources to begin with.
const TellersExample = `sources:
  - name: National CERT
    kind: taxii                       # or url, for a file
    url: https://taxii.example.org/taxii2/
    user: ada
    password_env: CERT_PASSWORD       # where the server finds it
    every: 6                          # hours
`
