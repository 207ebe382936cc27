package watch

import (
	"context"
	"net/netip"
	"net/url"
	"strings"

	"holdfast/app"
	"holdfast/engine/detect"
	"holdfast/engine/event"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
)

// places know the machines of the register by the names that events call them, and how
// the lines of each source are read.
type places struct {
	byName  map[string]string // name or address in small letters → id of the asset
	titles  map[string]string // of assets, by id
	sources map[string]*isms.EventSource
	parsers map[string]*event.Parser
}

func readPlaces(ctx context.Context, a *app.App) (*places, error) {
	p := &places{byName: map[string]string{}, titles: map[string]string{}, sources: map[string]*isms.EventSource{}, parsers: map[string]*event.Parser{}}
	err := a.All(ctx, isms.Assets, kind.Query{Sort: "created_at"}, func(r kind.Record) error {
		p.add(r.(*isms.Asset))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, a.All(ctx, isms.EventSources, kind.Query{}, func(r kind.Record) error {
		s := r.(*isms.EventSource)
		p.sources[s.ID], p.sources[s.Key] = s, s
		return nil
	})
}

// add notes the names of an asset. Of two with one name the older keeps it.
func (p *places) add(a *isms.Asset) {
	if a.Lifecycle == "disposed" {
		return
	}
	p.titles[a.ID] = a.Title
	names := []string{a.Target, a.Key, a.Title}
	names = append(names, strings.FieldsFunc(a.Address, func(r rune) bool { return r == ',' || r == ' ' || r == ';' })...)
	for _, name := range names {
		if name = nameIn(name); name == "" {
			continue
		}
		if _, taken := p.byName[name]; !taken {
			p.byName[name] = a.ID
		}
	}
}

// nameIn is the host or address in a text: without scheme, port and path, in small letters.
func nameIn(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		text = u.Hostname()
	}
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap().String()
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return a.Unmap().String()
	}
	return strings.TrimSuffix(text, ".")
}

// parser is how the lines of a source are read.
func (p *places) parser(source string) *event.Parser {
	if known := p.parsers[source]; known != nil {
		return known
	}
	var o event.Options
	if s := p.sources[source]; s != nil {
		o = detection.SourceOptions(s)
	}
	if p.parsers == nil {
		p.parsers = map[string]*event.Parser{}
	}
	if len(p.parsers) > 10_000 { // sources that do not exist any more
		clear(p.parsers)
	}
	known := event.NewParser(o)
	p.parsers[source] = known
	return known
}

// where finds the asset that an event is about: what is known already, the machine that it
// happened on, the machine spoken to, the one behind the source, the one that spoke.
func (p *places) where(e *event.Event, known string) string {
	if known != "" {
		return known
	}
	for _, name := range []string{e.Host, addr(e.Dst)} {
		if id := p.named(name); id != "" {
			return id
		}
	}
	if s := p.sources[e.Source]; s != nil && s.AssetID != "" {
		return s.AssetID
	}
	for _, name := range []string{e.Peer, addr(e.Src)} {
		if id := p.named(name); id != "" {
			return id
		}
	}
	return ""
}

// title is how people call a source; empty: it is not known.
func (p *places) title(source string) string {
	if s := p.sources[source]; s != nil {
		return s.Title
	}
	return ""
}

// named finds an asset by a name, or by the first part of one.
func (p *places) named(name string) string {
	name = nameIn(name)
	if name == "" {
		return ""
	}
	if id, ok := p.byName[name]; ok {
		return id
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return ""
	}
	short, _, cut := strings.Cut(name, ".")
	if !cut {
		return ""
	}
	return p.byName[short]
}

func addr(a netip.Addr) string {
	if !a.IsValid() || a.IsUnspecified() {
		return ""
	}
	return a.Unmap().String()
}

// actorOf is who did it: the address that the event came from, else the account.
func actorOf(e *event.Event) string { return firstOf(addr(e.Src), e.User) }

// hostOf is the machine as the event calls it.
func hostOf(e *event.Event) string { return firstOf(e.Host, addr(e.Dst)) }

// addressOf is the first address among the values that a group has in common.
func addressOf(group []detect.GroupValue) string {
	for _, g := range group {
		if a, err := netip.ParseAddr(g.Value); err == nil {
			return addr(a)
		}
	}
	return ""
}
