package page

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"holdfast/access"
	"holdfast/engine/decoy"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// seesTraps: whoever may read what traps stand on and what was touched.
func seesTraps(a access.Actor) bool {
	return web.MayRead(isms.Traps, isms.Assets, isms.AssetDependencies, isms.Evidences, isms.Attachments)(a)
}

// setsTraps: whoever may change traps.
func setsTraps(a access.Actor) bool {
	return seesTraps(a) && a.May(kind.Write, isms.Traps) == access.All
}

// lastTouches is how many visits the map and the page of a trap show.
const lastTouches = 10

// A trapView is the map of traps.
type trapView struct {
	*web.Request
	figures
	m       *detection.TrapMap
	touches []detection.Touch
	names   map[string]string // titles of traps by id
	sets    bool
}

func (c Config) trapMap(r *web.Request) error {
	m, err := c.Detection.TrapMap(r.Ctx())
	if err != nil {
		return err
	}
	v := &trapView{Request: r, figures: figures{r.Format}, m: m, names: map[string]string{}, sets: setsTraps(r.Actor)}
	for _, z := range m.Zones {
		for _, p := range z.Traps {
			v.names[p.Trap.ID] = p.Trap.Title
		}
	}
	if v.touches, err = c.Detection.Touches(r.Ctx(), lastTouches); err != nil {
		return err
	}
	r.Wide()
	return r.Render("Traps", trapMapBody(v))
}

func (v *trapView) stats() []ui.StatProps {
	count := func(n int) string { return v.format.Count(int64(n)) }
	list := []ui.StatProps{
		{Label: "Traps that wait", Value: count(v.m.Waiting), Note: "They would ring at the first touch"},
		{Label: "Touched", Value: count(v.m.Sprung), Note: "Somebody was there; each is worth a look", Href: "/traps?filter[status]=sprung"},
		{Label: "Armed and mute", Value: count(v.m.Mute), Note: "Set up, and would not ring: look below"},
		{Label: "Not tried lately", Value: count(v.m.Unproved), Note: "Did not ring in a test for three months"},
	}
	return list
}

func (v *trapView) blind() (names []string) {
	for _, z := range v.m.Zones {
		if z.Blind {
			names = append(names, zoneName(z.Name))
		}
	}
	return names
}

// sprung are the traps that somebody touched, wherever they stand.
func (v *trapView) sprung() (list []detection.TrapPoint) {
	for _, z := range v.m.Zones {
		for _, p := range z.Traps {
			if p.Trap.Status == isms.TrapSprung {
				list = append(list, p)
			}
		}
	}
	return list
}

func zoneName(name string) string {
	if name == "" {
		return "no zone"
	}
	return name
}

func (v *trapView) zoneWords(z detection.TrapZone) string {
	words := v.plural(int64(z.Assets), "asset", "assets")
	if n := len(z.Crown); n > 0 {
		words += ", " + v.plural(int64(n), "crown jewel", "crown jewels")
	}
	if z.Worth > 0 {
		words += ", worth " + v.short(z.Worth)
	}
	return words
}

func zoneTone(z detection.TrapZone) ui.Tone {
	if z.Blind {
		return ui.Attention
	}
	for _, p := range z.Traps {
		if p.Trap.Status == isms.TrapSprung {
			return ui.Negative
		}
	}
	return ui.Plain
}

// trapBadge says in a word how a trap stands.
func trapBadge(p detection.TrapPoint) templ.Component {
	switch {
	case p.Trap.Status == isms.TrapSprung && p.Waits():
		return ui.Badge(ui.BadgeProps{Text: "Touched", Tone: ui.Negative, Icon: "trap"})
	case p.Waits():
		return ui.Badge(ui.BadgeProps{Text: "Waits", Tone: ui.Positive})
	case p.Trap.Status == isms.TrapPlanned:
		return ui.Badge(ui.BadgeProps{Text: "Planned", Tone: ui.Accent})
	case p.Trap.Status == isms.TrapDisarmed:
		return ui.Badge(ui.BadgeProps{Text: "Disarmed"})
	}
	return ui.Badge(ui.BadgeProps{Text: "Mute", Tone: ui.Attention, Title: p.Lacks})
}

// pointWords says what a trap is and where: "SSH key · on Database host · since never tried".
func (v *trapView) pointWords(p detection.TrapPoint) string {
	parts := []string{trapTypeLabel(p.Trap.Type)}
	if p.Asset != "" {
		parts = append(parts, "on "+p.Asset)
	}
	if p.At != "" {
		parts = append(parts, "at "+p.At)
	}
	armed := p.Trap.Status == isms.TrapArmed || p.Trap.Status == isms.TrapSprung
	switch {
	case armed && !p.Waits():
		parts = append(parts, p.Lacks)
	case p.Old:
		parts = append(parts, "due to be replaced")
	case p.Waits() && p.Trap.ProvedOn == "":
		parts = append(parts, "never tried")
	case p.Waits():
		parts = append(parts, "rang in a test on "+dayWords(p.Trap.ProvedOn))
	}
	return strings.Join(parts, " · ")
}

func trapTypeLabel(t isms.TrapType) string {
	if label := isms.Traps.Field("type").Choice(string(t)).Label; label != "" {
		return label
	}
	return kind.Humanise(string(t))
}

func (v *trapView) pointItem(p detection.TrapPoint) ui.ListItem {
	return ui.ListItem{Title: p.Trap.Title, Detail: v.pointWords(p), Href: web.RecordURL(isms.Traps, p.Trap.ID), Aside: trapBadge(p)}
}

func (v *trapView) points(list []detection.TrapPoint) (items []ui.ListItem) {
	for _, p := range list {
		items = append(items, v.pointItem(p))
	}
	return items
}

// touchWords says what somebody did, without what it says of the trap.
func touchWords(t detection.Touch) string {
	text, _, _ := strings.Cut(decoy.Visible(t.Statement, 400), " SHA-256") // the page of the visit shows it
	if text == "" {
		text = "Touched"
	}
	return text
}

func touchURL(t detection.Touch) string { return "/trap-visits/" + t.ID }

// trapAbove shows on the page of a trap how it stands, the way to it and from it, what to
// do when it is touched, and who touched it.
func (c Config) trapAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	if !seesTraps(r.Actor) {
		return nil, nil
	}
	path, err := c.Detection.TrapPath(r.Ctx(), rec.GetBase().ID)
	if err != nil {
		return nil, err
	}
	v := &trapPathView{trapView: &trapView{Request: r, figures: figures{r.Format}, sets: setsTraps(r.Actor)}, path: path, testing: r.Now().Before(path.Point.Trap.TestUntil)}
	if v.touches, err = c.Detection.Touches(r.Ctx(), lastTouches, rec.GetBase().ID); err != nil {
		return nil, err
	}
	return trapAboveBody(v), nil
}

// A trapPathView is a trap with what surrounds it.
type trapPathView struct {
	*trapView
	path    *detection.TrapPath
	testing bool // a test was announced and nobody touched the trap yet
}

func (v *trapPathView) trap() *isms.Trap { return v.path.Point.Trap }

func (v *trapPathView) armed() bool {
	return v.trap().Status == isms.TrapArmed || v.trap().Status == isms.TrapSprung
}

// hint says how to touch the trap by hand.
func (v *trapPathView) hint() string {
	if v.path.Point.At == "" {
		return "Use the token the way an intruder would: open the link, the document or the address, look the name up, try the key."
	}
	return "From another machine: " + tryCommand(v.trap().Type, v.path.Point.At)
}

// tryCommand is what a person types to touch a decoy.
func tryCommand(t isms.TrapType, at string) string {
	host, port := at, ""
	if i := strings.LastIndexByte(at, ':'); i >= 0 {
		host, port = at[:i], at[i+1:]
	}
	switch t {
	case "ssh":
		return "ssh -p " + port + " root@" + host
	case "http", "https":
		return "curl -k " + string(t) + "://" + at + "/"
	case "ftp", "telnet":
		return string(t) + " " + host + " " + port
	case "redis":
		return "redis-cli -h " + host + " -p " + port
	case "postgresql":
		return "psql -h " + host + " -p " + port + " -U postgres"
	case "mysql":
		return "mysql -h " + host + " -P " + port + " -u root -p"
	case "smb":
		return "smbclient -L " + host + " -p " + port
	}
	return "nc " + host + " " + port
}

// assetItems names assets with links.
func (v *trapPathView) assetItems(list []*isms.Asset) (items []ui.ListItem) {
	for _, a := range list[:min(len(list), 8)] {
		words := []string{}
		if a.Criticality > 0 {
			words = append(words, "criticality "+strings.ToLower(a.Criticality.String()))
		}
		if a.Zone != "" {
			words = append(words, "zone "+a.Zone)
		}
		if x := a.Value.Mid(); x > 0 {
			words = append(words, v.short(x))
		}
		items = append(items, ui.ListItem{Title: a.Title, Href: assetURL(a.ID), Detail: strings.Join(words, " · ")})
	}
	return items
}

// testTrap announces a test and, where the decoy listens here, touches it.
func (c Config) testTrap(r *web.Request) error {
	t, knocked, err := c.Detection.TestTrap(r.Ctx(), r.PathValue("id"))
	if err != nil {
		return err
	}
	text := "The next touch until " + r.Format.Time(t.TestUntil).Format("15:04") + " rings as a test. Touch it the way an intruder would."
	if knocked {
		text = "The decoy was touched. Its alert is marked as a test, and the day is written into the record."
	}
	return r.Redirect(web.RecordURL(isms.Traps, t.ID), ui.ToastProps{Text: text, Tone: ui.Positive})
}

// planTrap makes a planned trap of a suggestion.
func (c Config) planTrap(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	t, err := c.Detection.PlanTrap(r.Ctx(), form.Get("suggestion"))
	if err != nil {
		return err
	}
	return r.Redirect("/trap-map/"+t.ID+"/bait", ui.ToastProps{Text: "The trap is planned. Say here how it is set.", Tone: ui.Positive})
}

// A touchView is what one visitor did.
type touchView struct {
	*web.Request
	touch detection.Touch
	trap  *isms.Trap
}

func (c Config) touchPage(r *web.Request) error {
	t, err := c.Detection.Touch(r.Ctx(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p, err := c.Detection.TrapPath(r.Ctx(), t.TrapID)
	if err != nil {
		return err
	}
	r.Crumbs(ui.Crumb{Label: "Traps", Href: "/trap-map"}, ui.Crumb{Label: p.Point.Trap.Title, Href: web.RecordURL(isms.Traps, p.Point.Trap.ID)})
	return r.Render("A visit", touchBody(&touchView{Request: r, touch: t, trap: p.Point.Trap}))
}

// longest bounds a text of a stranger on a page.
const longest = 8 << 10

func strange(text string) string { return decoy.Visible(text, longest) }

func (v *touchView) facts() []ui.KeyValueItem {
	t := v.touch
	items := []ui.KeyValueItem{
		{Label: "When", Value: ui.Time(v.Format.Time(t.At))}, {Label: "From", Value: ui.Mono(strange(t.Remote))},
		{Label: "Trap", Value: trapLink(web.RecordURL(isms.Traps, v.trap.ID), v.trap.Title)},
	}
	add := func(label, text string) {
		if text != "" {
			items = append(items, ui.KeyValueItem{Label: label, Value: ui.Text(strange(text))})
		}
	}
	add("Seen in", t.Where)
	if x := t.Visit; x != nil {
		if !x.End.IsZero() {
			add("Stayed", x.End.Sub(x.Start).Round(100_000_000).String())
		}
		add("Went because", endings[x.Ended])
		add("Program", firstNonEmpty(x.Tool, "unknown"))
		add("Calls itself", x.Client)
		add("Sent and received", fmt.Sprintf("%d bytes came, %d went", x.Received, x.Sent))
		if x.SHA256 != "" {
			items = append(items, ui.KeyValueItem{Label: "SHA-256 of what came", Value: ui.Mono(strange(x.SHA256)), Wide: true})
		}
		if x.Refused > 0 {
			add("Turned away meanwhile", strconv.Itoa(x.Refused)+" further connections of the same address")
		}
	}
	if h := t.Hit; h != nil {
		add("Rang by", map[string]string{"path": "an address that was opened", "query": "an address that was opened", "host": "a name that was used", "authorization": "a key that was tried", "dns": "a name that was looked up"}[h.How])
		add("Asked for", h.Name)
		add("Program", h.Agent)
		add("Came from the page", h.From)
		add("Languages", h.Tongue)
		add("Question", h.Query)
	}
	return items
}

// endings say why a visit was over.
var endings = map[decoy.Ending]string{
	decoy.EndedByVisitor: "the visitor hung up", decoy.EndedByDecoy: "the decoy had learnt what it could", decoy.EndedSlow: "he answered too slowly",
	decoy.EndedTime: "the time was over", decoy.EndedBytes: "he sent too much", decoy.EndedStopped: "the decoy was stopped", decoy.EndedFault: "the decoy failed",
}

func firstNonEmpty(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// transcript is what the visitor did, line by line.
func (v *touchView) transcript() string {
	x := v.touch.Visit
	if x == nil {
		return ""
	}
	var b strings.Builder
	for _, p := range x.Paths {
		b.WriteString(strange(p) + "\n")
	}
	for _, c := range x.Commands {
		b.WriteString(strange(c) + "\n")
	}
	if x.Omitted > 0 {
		fmt.Fprintf(&b, "… %d more had no room\n", x.Omitted)
	}
	return b.String()
}

// dump writes the first bytes of a visit as they came: an offset, sixteen bytes, and the
// letters among them.
func dump(sample []byte) string {
	var b strings.Builder
	for at := 0; at < len(sample); at += 16 {
		row := sample[at:min(at+16, len(sample))]
		letters := make([]byte, len(row))
		for i, x := range row {
			letters[i] = '.'
			if x >= ' ' && x <= '~' {
				letters[i] = x
			}
		}
		fmt.Fprintf(&b, "%04x  %-47s  %s\n", at, fmt.Sprintf("% x", row), letters)
	}
	return b.String()
}

// downloadBait hands out the file of a token, once.
func (c Config) downloadBait(r *web.Request) error {
	token, err := c.bait.file(r.PathValue("handle"), r.Actor, r.Now())
	if err != nil {
		return err
	}
	head := r.W.Header()
	head.Set("Content-Type", "application/octet-stream")
	head.Set("Content-Disposition", `attachment; filename="`+strings.Map(plainName, token.Name)+`"`)
	head.Set("Cache-Control", "no-store")
	r.W.WriteHeader(http.StatusOK)
	_, err = r.W.Write(token.Data)
	return err
}

func plainName(r rune) rune {
	if r == '"' || r == '\\' || r < ' ' || r > '~' {
		return '_'
	}
	return r
}

// waitsTitle says that the trap waits, and where.
func (v *trapPathView) waitsTitle() string {
	if v.path.Point.At != "" {
		return "It waits at " + v.path.Point.At
	}
	return "It waits"
}
