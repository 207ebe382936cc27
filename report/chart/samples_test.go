package chart

import (
	"math"
	"math/rand/v2"
	"time"
)

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 9, 0, 0, 0, time.UTC) }

// lognormal is a seeded simulation of yearly losses: most years cost nothing.
func lognormal(seed uint64, median, spread, frequency float64) []float64 {
	r := rand.New(rand.NewPCG(seed, 7))
	out := make([]float64, 4000)
	for i := range out {
		if r.Float64() < frequency {
			out[i] = median * math.Exp(spread*r.NormFloat64())
		}
	}
	return out
}

func curveOf(name string, role Role, losses []float64) Curve {
	c := Curve{Name: name, Role: role}
	for at := 1000.0; at < 2e7; at *= 1.25 {
		over := 0
		for _, v := range losses {
			if v > at {
				over++
			}
		}
		c.Points = append(c.Points, Exceedance{at, float64(over) / float64(len(losses))})
	}
	return c
}

func share(v float64) *float64 { return &v }

// samples holds one rich example of every chart.
func samples() []Chart {
	return []Chart{
		LossExceedance{Title: "Loss exceedance of the portfolio", Currency: "GBP", Curves: []Curve{
			curveOf("Inherent", Inherent, lognormal(1, 260e3, 1.3, 0.93)),
			curveOf("Current", Now, lognormal(2, 120e3, 1.2, 0.72)),
			curveOf("After the plan", Planned, lognormal(3, 60e3, 1.1, 0.45)),
		}, Marks: []Mark{{"Appetite", 250e3}, {"Limit", 600e3}, {"Capacity", 2e6}}, Levels: []Probability{{"One year in ten", 0.1}}},
		HeatMap{Title: "Risks by probability and impact",
			Impact:      []string{"Negligible", "Minor", "Moderate", "Major", "Severe"},
			Probability: []string{"Rare", "Unlikely", "Possible", "Likely", "Almost certain"},
			Risks: []Placed{{"R1", "Ransomware on the file server", 3, 4}, {"R2", "Lost laptop", 3, 1}, {"R3", "Supplier outage", 2, 3}, {"R4", "Phishing of finance", 4, 2},
				{"R5", "Power failure", 1, 2}, {"R6", "Leak of customer data", 2, 4}, {"R7", "Insider", 1, 3}, {"R8", "Defacement", 2, 1}, {"R9", "Fire", 0, 4}, {"R10", "a", 3, 1}, {"R11", "b", 3, 1}, {"R12", "c", 3, 1}, {"R13", "d", 3, 1}, {"R14", "e", 3, 1}, {"R15", "f", 3, 1}, {"R16", "g", 3, 1}, {"R17", "g", 3, 1}, {"R18", "g", 3, 1}}},
		HeatMap{Title: "Three steps", Impact: []string{"Low", "Medium", "High"}, Probability: []string{"Low", "Medium", "High"},
			Risks: []Placed{{"R1", "Ransomware", 2, 2}, {"R2", "Lost laptop", 1, 0}, {"R3", "Outage", 1, 1}}},
		Bars{Title: "Expected yearly loss by risk", Format: func(v float64) string { return Money(v, "GBP") }, Goal: &Mark{"Appetite", 60e3},
			Rows: []Row{{Name: "Ransomware on the file server", Values: []float64{182e3}}, {Name: "Leak of customer data through the web shop", Values: []float64{96e3}}, {Name: "Phishing of finance", Values: []float64{41e3}}, {Name: "Supplier outage", Values: []float64{22500}}, {Name: "Lost laptop", Values: []float64{3200}}}},
		Bars{Title: "Findings by system", Parts: []Part{{"Critical", Critical}, {"High", High}, {"Medium", Medium}, {"Low", Low}},
			Rows: []Row{{Name: "Web shop", Values: []float64{2, 7, 18, 9}}, {Name: "Mail gateway", Values: []float64{0, 3, 6, 12}}, {Name: "Build server", Values: []float64{1, 1, 4, 2}}, {Name: "Laptops", Values: []float64{0, 0, 11, 25}}}},
		Trend{Title: "Expected yearly loss", Format: func(v float64) string { return Money(v, "EUR") }, Goal: &Mark{"Appetite", 250e3},
			Series: []Line{{"Current", months(420e3, 410e3, 402e3, 455e3, 390e3, 310e3, 290e3, 262e3, 238e3)}, {"Plan", months(400e3, 380e3, 360e3, 340e3, 320e3, 300e3, 270e3, 240e3, 200e3)}}},
		Trend{Title: "Open findings", Spark: true, Series: []Line{{"Open", months(9, 12, 7, 8, 5, 6, 3)}}},
		Dials{Title: "Posture along the four principles", Dials: []Dial{
			{"Make disruption difficult", 0.71, share(0.64), "11 of 16 safeguards operate"}, {"Make compromise difficult", 0.58, share(0.61), "34 open findings"},
			{"Make detection easier", 0.42, share(0.42), "6 of 14 paths watched"}, {"Reduce impact", math.NaN(), nil, "no exercise yet"}}},
		Donut{Title: "Findings by state", Unit: "findings", Slices: []Slice{{Name: "Open", Value: 128}, {Name: "Mitigated", Value: 64}, {Name: "Accepted with an exception", Value: 12}, {Name: "Resolved", Value: 301}}},
		Timeline{Title: "Roadmap", Today: date(2026, 6, 15), Milestones: []Milestone{
			{"Objectives agreed", date(2026, 1, 12), "", true}, {"Management support", date(2026, 2, 2), "business case approved", true}, {"Scope", date(2026, 3, 9), "", true},
			{"Risk assessment", date(2026, 5, 4), "", true}, {"Controls chosen", date(2026, 6, 8), "", false}, {"Policies and procedures in force", date(2026, 8, 24), "", false},
			{"Awareness training for everybody", date(2026, 10, 5), "", false}, {"Internal audit", date(2026, 12, 14), "", false}}},
		Plan{Title: "Milestones planned and expected", Today: date(2026, 6, 15), Rows: []Work{
			{Name: "Objectives agreed", Begin: date(2026, 1, 5), Due: date(2026, 1, 12), Progress: 1, Done: true},
			{Name: "Risk assessment of everything that matters", Begin: date(2026, 3, 9), Due: date(2026, 5, 4), Expected: date(2026, 7, 20), Progress: 0.6, Late: true, Note: "Two people were ill."},
			{Name: "Controls chosen", Begin: date(2026, 5, 4), Due: date(2026, 8, 24), Expected: date(2026, 8, 20), Progress: 0.2},
			{Name: "Internal audit", Due: date(2026, 12, 14)}}},
		Chain{Title: "How the file server could fall", Actor: Link{"Ransomware crew", []string{"motivation: money", "capability: high"}}, Vector: Link{"Phishing with a weaponised document", []string{"T1566.001", "T1204.002"}},
			Weakness: Link{"Macros run from mail attachments", []string{"configuration weakness", "2 findings, high"}}, Asset: Link{"File server", []string{"value £1.4m", "confidentiality, availability"}},
			Safeguards: []Guard{{"Mail filter with sandbox", AtVector, true}, {"Awareness training", AtVector, true}, {"Block macros by policy", AtWeakness, false}, {"Offline backup, restored every quarter", AtAsset, true}, {"Canary files", AtAsset, false}},
			Defence:    &Link{"Steering committee", []string{"risk appetite: cautious; limit £600k per year; recovery within 8 hours (business impact assessment)"}}},
		Histogram{Title: "Simulated yearly loss", Currency: "GBP", Marks: []Mark{{"P50", 84e3}, {"P90", 470e3}, {"P95", 800e3}, {"Mean", 190e3}}}.Bin(lognormal(2, 120e3, 1.2, 0.72), 44),
		Graph{Title: "What the web shop depends on", Nodes: []Node{{"shop", "Web shop", "service", true}, {"api", "Order API", "application", false}, {"pay", "Payment provider", "supplier", false}, {"db", "Order database", "data set", false}, {"idp", "Sign-in", "service", false}, {"host", "app-01", "host", false}, {"san", "Storage", "host", false}, {"net", "Core network", "network", false}},
			Edges: []Edge{{"shop", "api"}, {"shop", "pay"}, {"shop", "idp"}, {"api", "db"}, {"api", "idp"}, {"db", "san"}, {"api", "host"}, {"host", "net"}, {"san", "net"}, {"shop", "net"}, {"net", "idp"}}},
	}
}

func months(values ...float64) []Moment {
	var out []Moment
	for i, v := range values {
		out = append(out, Moment{date(2025, time.Month(9+i), 1), v})
	}
	return out
}
