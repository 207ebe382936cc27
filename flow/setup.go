package flow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// A Beginning is what the set-up assistant knows already: the answers are the
// records themselves, so it can be left and taken up again.
type Beginning struct {
	Organisation *isms.Organisation // nil: not described yet
	Jewels       []*isms.Asset      // assets of high criticality with a value, dearest first
	Obligations  map[string]isms.ObligationStatus
	Appetite     *isms.Appetite // overall, in force or draft; nil: none
	Worth        float64        // sum of the mean values of the jewels
}

// Beginning reads how far the set-up has come.
func (f *Flow) Beginning(ctx context.Context) (*Beginning, error) {
	s := f.Survey(ctx)
	b := &Beginning{Organisation: s.Organisation(), Obligations: map[string]isms.ObligationStatus{}}
	b.Jewels = Those(Every[isms.Asset](s, isms.Assets), func(a *isms.Asset) bool { return a.Criticality >= 4 && !a.Value.IsZero() && a.Lifecycle != "disposed" })
	slices.SortStableFunc(b.Jewels, func(x, y *isms.Asset) int { return cmp.Compare(Mean(y.Value), Mean(x.Value)) })
	for _, a := range b.Jewels {
		b.Worth += Mean(a.Value)
	}
	for _, o := range Every[isms.Obligation](s, isms.Obligations) {
		b.Obligations[o.Key] = o.Status
	}
	for _, a := range Every[isms.Appetite](s, isms.Appetites) {
		if a.Category == isms.AppetiteOverall && a.Status != isms.AppetiteRetired && (b.Appetite == nil || a.Status == isms.AppetiteInForce) {
			b.Appetite = a
		}
	}
	return b, s.Err
}

// A Profile is the first answer: who the organisation is.
type Profile struct {
	Name, Country, Currency string
	Sector                  isms.Sector
	Headcount               int
	CrownJewels             string
}

// sizes are the size classes by the number of people below which they hold.
var sizes = []struct {
	below int
	size  isms.OrganisationSize
}{{10, "micro"}, {50, "small"}, {250, "medium"}}

func sizeOf(people int) isms.OrganisationSize {
	if people <= 0 {
		return ""
	}
	for _, s := range sizes {
		if people < s.below {
			return s.size
		}
	}
	return "large"
}

// DescribeOrganisation writes the profile. Whoever answers is the security lead
// until somebody else is named. Answering again changes the one profile.
func (f *Flow) DescribeOrganisation(ctx context.Context, p Profile) error {
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	b, err := f.Beginning(ctx)
	if err != nil {
		return err
	}
	o := b.Organisation
	if o == nil {
		o = &isms.Organisation{}
	}
	o.Title, o.Sector, o.Country = strings.TrimSpace(p.Name), p.Sector, strings.ToUpper(strings.TrimSpace(p.Country))
	o.Currency = cmp.Or(strings.ToUpper(strings.TrimSpace(p.Currency)), o.Currency)
	if p.Headcount > 0 {
		o.Headcount, o.Size = p.Headcount, sizeOf(p.Headcount)
	}
	if o.SecurityLeadID == "" && !actor.Machine {
		o.SecurityLeadID = actor.ID
	}
	return f.app.Save(ctx, o)
}

// A Jewel is something whose loss would hurt, with a rough value.
type Jewel struct {
	Name  string
	Type  isms.AssetType
	Value isms.Range
}

// mostJewels is how many things can matter most.
const mostJewels = 10

// NameJewels writes what matters most. What has the same name already gets the new
// value; nothing is taken away.
func (f *Flow) NameJewels(ctx context.Context, list []Jewel) (int, error) {
	if len(list) == 0 || len(list) > mostJewels {
		return 0, kind.Fieldf("jewels", "name one to %d things; three are a good beginning", mostJewels)
	}
	made := 0
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		made = 0
		known, err := f.assets.All(ctx, kind.Query{})
		if err != nil {
			return err
		}
		for _, j := range list {
			a := &isms.Asset{Base: isms.Base{Title: strings.TrimSpace(j.Name)}, Type: j.Type, Lifecycle: "operating"}
			if i := slices.IndexFunc(known, func(x *isms.Asset) bool { return strings.EqualFold(x.Title, a.Title) }); i >= 0 {
				a = known[i]
			} else {
				made++
			}
			a.Value, a.Criticality = j.Value, max(a.Criticality, 5)
			if err := f.assets.Save(ctx, a); err != nil {
				return fmt.Errorf("%s: %w", a.Title, err)
			}
		}
		return nil
	})
	return made, err
}

// A UsualDuty is an obligation that many organisations have.
type UsualDuty struct {
	Key, Title, Doc string
	Type            isms.ObligationType
	Jurisdiction    string
	Reference       string
	NotifyHours     int
	usual           func(o *isms.Organisation) bool
}

// UsualDuties lists those that the assistant asks about.
func UsualDuties() []UsualDuty {
	in := func(countries string) func(*isms.Organisation) bool {
		return func(o *isms.Organisation) bool {
			return o != nil && o.Country != "" && strings.Contains(countries, o.Country)
		}
	}
	const union = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO"
	sector := func(list ...isms.Sector) func(*isms.Organisation) bool {
		return func(o *isms.Organisation) bool { return o != nil && slices.Contains(list, o.Sector) }
	}
	return []UsualDuty{
		{"gdpr", "General Data Protection Regulation", "You hold data about people in Europe: customers, staff, visitors.", "regulation", "EU", "Regulation (EU) 2016/679", 72, in(union)},
		{"uk-gdpr", "UK GDPR and Data Protection Act", "You hold data about people in the United Kingdom.", "law", "GB", "Data Protection Act 2018", 72, in("GB")},
		{"ch-fadp", "Swiss data protection act", "You hold data about people in Switzerland.", "law", "CH", "Federal Act on Data Protection of 25 September 2020", 0, in("CH")},
		{"ch-isg", "Swiss information security act", "You run energy, water, transport, health, finance or another critical service in Switzerland, or are an authority there.", "law", "CH", "Information Security Act, article 74b", 24, func(o *isms.Organisation) bool {
			return o != nil && o.Country == "CH" && slices.Contains([]isms.Sector{"energy", "health", "transport", "water", "digital_infrastructure", "finance"}, o.Sector)
		}},
		{"nis2", "NIS 2", "You are of some size in energy, health, transport, digital services or another essential trade, or supply somebody who is.", "law", "EU", "Directive (EU) 2022/2555", 24, sector("energy", "health", "transport", "water", "digital_infrastructure")},
		{"dora", "Digital Operational Resilience Act", "You are a financial entity in the Union, or supply one with technology.", "regulation", "EU", "Regulation (EU) 2022/2554", 4, sector("finance")},
		{"pci-dss", "PCI DSS", "You take, pass on or keep card payments.", "standard", "", "PCI DSS 4.0.1", 0, sector("retail", "hospitality")},
		{"hipaa", "HIPAA security rule", "You hold health data of people in the United States.", "law", "US", "45 CFR 164 subpart C", 1440, func(o *isms.Organisation) bool { return o != nil && o.Country == "US" && o.Sector == "health" }},
		{"ai-act", "EU AI Act", "You build or use artificial intelligence that decides about people.", "regulation", "EU", "Regulation (EU) 2024/1689", 0, nil},
		{"iso-27001", "ISO/IEC 27001 by promise", "A customer asks for the certificate, or you promised it.", "contract", "", "ISO/IEC 27001:2022", 0, nil},
	}
}

// Usual tells whether the duty is usual for such an organisation: the default of
// the question.
func (d UsualDuty) Usual(o *isms.Organisation) bool { return d.usual != nil && d.usual(o) }

// TakeDuties records the duties that apply. Those that are not chosen stay as they
// are: that one does not apply is decided in the register, with a reason.
func (f *Flow) TakeDuties(ctx context.Context, chosen []string) (int, error) {
	repo := app.Of[isms.Obligation](f.app, isms.Obligations)
	made := 0
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		made = 0
		for _, d := range UsualDuties() {
			if !slices.Contains(chosen, d.Key) {
				continue
			}
			_, err := repo.Get(ctx, d.Key)
			if err == nil {
				continue
			}
			if kind.CodeOf(err) != kind.NotFound {
				return err
			}
			o := &isms.Obligation{Base: isms.Base{Key: d.Key, Title: d.Title}, Type: d.Type, Status: isms.ObligationApplies, Jurisdiction: d.Jurisdiction, Reference: d.Reference,
				Reason: isms.Markdown(d.Doc), NotifyHours: d.NotifyHours, ReviewBy: kind.DateOf(f.app.Now().AddDate(0, 6, 0))}
			if err := repo.Save(ctx, o); err != nil {
				return fmt.Errorf("%s: %w", d.Title, err)
			}
			made++
		}
		return nil
	})
	return made, err
}

// SuggestedAppetite is the yearly loss that an organisation may be willing to take
// where nobody has thought about it: two per cent of what its jewels are worth, or
// one per cent of its turnover when that is less; at least 5 000.
func SuggestedAppetite(b *Beginning) float64 {
	sum := 0.02 * b.Worth
	if o := b.Organisation; o != nil && o.Turnover > 0 {
		sum = min(sum, 0.01*o.Turnover.Float())
	}
	sum = max(sum, 5_000)
	unit := 1_000.0
	if sum >= 100_000 {
		unit = 10_000
	}
	return unit * float64(int(sum/unit+0.5))
}

// StateAppetite writes the overall appetite from the one figure that people can
// name, and puts it into force where the actor may. The others follow from it: a
// fifth and a half of it below, twice and six times above.
func (f *Flow) StateAppetite(ctx context.Context, posture isms.Posture, yearly float64) error {
	if !(yearly >= 100 && yearly <= 1e12) {
		return kind.Fieldf("appetite", "is a yearly loss of at least 100")
	}
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	b, err := f.Beginning(ctx)
	if err != nil {
		return err
	}
	return f.app.Atomic(ctx, func(ctx context.Context) error {
		a := b.Appetite
		if a == nil {
			a = &isms.Appetite{Category: isms.AppetiteOverall, Base: isms.Base{Key: "overall-appetite"}, OwnerID: actor.ID}
		}
		if a.Status == isms.AppetiteInForce {
			rec, err := f.app.Do(ctx, isms.Appetites, a.ID, "revise", 0, kind.Input{})
			if err != nil {
				return err
			}
			a = rec.(*isms.Appetite)
		}
		a.Posture, a.Wanted = posture, kind.MoneyOf(yearly)
		a.Acceptance, a.Tolerance = kind.MoneyOf(yearly*0.2), kind.MoneyOf(yearly*0.5)
		a.Limit, a.Capacity = kind.MoneyOf(yearly*2), kind.MoneyOf(yearly*6)
		if err := f.app.Save(ctx, a); err != nil {
			return err
		}
		if actor.May(kind.Approve, isms.Appetites) != access.All {
			return nil
		}
		_, err := f.app.Do(ctx, isms.Appetites, a.ID, "approve", 0, kind.Input{Reason: "stated in the set-up"})
		return err
	})
}
