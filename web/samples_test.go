package web_test

import (
	"time"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit"
)

// samples are records of a small travel company, so that pages have something to show.
type samples struct {
	booking, nas, laptop       *isms.Asset
	mira, jonas                *isms.Person
	rdp, ransomware, fraud     *isms.Risk
	backups, mfa               *isms.Safeguard
	weakness                   *isms.Vulnerability
	rdpFinding, opensslFinding *isms.Finding
}

func exactly(v float64) kind.Range { return kind.Exactly(v) }

func span(low, likely, high float64) kind.Range {
	return kind.Range{Low: low, Likely: likely, High: high}
}

func (s *site) samples() samples {
	s.t.Helper()
	var m samples
	s.save(&isms.Organisation{LegalName: "Northwind Bookings Ltd", Sector: "hospitality", Size: "small", Currency: "GBP", Locale: "en-GB", TimeZone: "Europe/London"})
	m.mira = s.person("mira.okafor@example.org", "security_lead")
	m.jonas = s.person("jonas.weber@example.org", "contributor")
	m.mira.Title, m.jonas.Title = "Mira Okafor", "Jonas Weber"
	for _, p := range []*isms.Person{m.mira, m.jonas} {
		stored, err := s.world.App.Get(s.ctx, isms.People, p.ID)
		if err != nil {
			s.t.Fatal(err)
		}
		stored.GetBase().Title = p.Title
		s.save(stored)
	}
	m.booking = &isms.Asset{Base: isms.Base{Title: "Booking service", Key: "booking", Labels: []string{"crown jewel"}}, Type: "application", OwnerID: m.jonas.ID, Value: span(400000, 900000, 1500000), Criticality: 5, Lifecycle: "operating", Exposed: true, Address: "https://booking.example.org", Zone: "dmz",
		Confidentiality: 4, Integrity: 5, Availability: 5, Description: "Takes **bookings and payments**. Runs on two hosts behind a proxy.\n\n- 2 300 bookings a day\n- holds names, addresses and the last four digits of cards"}
	m.nas = &isms.Asset{Base: isms.Base{Title: "Backup storage", Key: "nas-02"}, Type: "host", OwnerID: m.jonas.ID, Value: span(20000, 45000, 80000), Criticality: 4, Lifecycle: "operating", Zone: "office"}
	m.laptop = &isms.Asset{Base: isms.Base{Title: "Laptops of the sales team", Key: "sales-laptops"}, Type: "device", Value: exactly(18000), Criticality: 2, Lifecycle: "retiring"}
	s.save(m.booking, m.nas, m.laptop)
	m.backups = &isms.Safeguard{Base: isms.Base{Title: "Backups that cannot be altered"}, Principles: isms.Principles{"disruption", "impact"}, Function: "corrective", Means: "technical", OwnerID: m.jonas.ID, AnnualCost: span(3000, 4200, 6000), OnLoss: span(.3, .5, .7)}
	m.mfa = &isms.Safeguard{Base: isms.Base{Title: "Second factor for administrators"}, Principles: isms.Principles{"compromise"}, Function: "preventive", Means: "technical", OwnerID: m.mira.ID, AnnualCost: exactly(900), OnFrequency: span(.5, .7, .9)}
	s.save(m.backups, m.mfa)
	s.do(isms.Safeguards, m.mfa.ID, "approve", kind.Input{Reason: "Pays for itself."})
	m.rdp = &isms.Risk{Base: isms.Base{Title: "Intruder takes over the booking service through remote desktop", Key: "remote-desktop-takeover", Labels: []string{"internet", "2026"}}, AssetID: m.booking.ID, OwnerID: m.mira.ID, Status: "open", Treatment: "reduce",
		Exposure: span(.1, .35, .8), Events: span(.2, .4, 1.2), Impacts: isms.ImpactKinds{"financial", "reputational"}, Harms: isms.SecurityAttributes{"confidentiality", "availability"}, ImpactLevel: 4, ProbabilityLevel: 3, ReviewBy: "2026-02-14",
		Description: "Somebody guesses or buys a password, signs in through **remote desktop**, and moves on to the database of bookings.\n\n1. The port is found by a scan of the internet.\n2. A password from an old leak fits.\n3. The database is copied and then encrypted."}
	m.ransomware = &isms.Risk{Base: isms.Base{Title: "Ransomware encrypts the backup storage"}, AssetID: m.nas.ID, OwnerID: m.jonas.ID, Status: "treating", Treatment: "reduce", Events: span(.05, .1, .3), ReviewBy: "2026-06-30"}
	m.fraud = &isms.Risk{Base: isms.Base{Title: "Invoice fraud by a forged mail of the director"}, OwnerID: m.mira.ID, Status: "draft", Events: span(.5, 1, 2)}
	s.save(m.rdp, m.ransomware, m.fraud)
	m.weakness = &isms.Vulnerability{Base: isms.Base{Title: "Remote desktop is reachable from the internet"}, Severity: "critical", Type: "configuration"}
	s.save(m.weakness)
	m.rdpFinding = &isms.Finding{Base: isms.Base{Title: "Remote desktop is open to the internet on booking-01"}, AssetID: m.booking.ID, VulnerabilityID: m.weakness.ID, Severity: "critical", Status: "open", Due: "2026-02-27", Exploited: true, EPSS: .94, Subject: "tcp/3389", Fix: "Close the port, use the VPN", FirstSeen: testkit.Start.AddDate(0, 0, -9)}
	m.opensslFinding = &isms.Finding{Base: isms.Base{Title: "OpenSSL 3.0.11 has a known hole"}, AssetID: m.booking.ID, VulnerabilityID: m.weakness.ID, Severity: "high", Status: "open", Due: "2026-03-20", EPSS: .41, Subject: "openssl", Installed: "3.0.11", FixedIn: "3.0.13", FirstSeen: testkit.Start.AddDate(0, 0, -3)}
	s.save(m.rdpFinding, m.opensslFinding)
	for i, title := range []string{"Server banner shows its version", "Passwords of service accounts never expire", "TLS 1.0 is still offered", "Directory listing is on", "Package is end of life"} {
		s.save(&isms.Finding{Base: isms.Base{Title: title}, AssetID: []string{m.booking.ID, m.nas.ID}[i%2], VulnerabilityID: m.weakness.ID, Severity: isms.Severity([]string{"low", "medium"}[i%2]), Status: "open", Due: "2026-05-30", EPSS: .01 * float64(i+1), FirstSeen: testkit.Start.AddDate(0, 0, -i)})
	}
	s.save(&isms.Treatment{Base: isms.Base{Title: "Second factor on remote access"}, RiskID: m.rdp.ID, SafeguardID: m.mfa.ID, OwnerID: m.mira.ID, Due: "2026-04-01"})
	for _, link := range []struct {
		k       *kind.Kind
		a, b, n string
	}{{isms.Risks, m.rdp.ID, m.mfa.ID, "treated by"}, {isms.Risks, m.rdp.ID, m.backups.ID, "treated by"}, {isms.Risks, m.rdp.ID, m.rdpFinding.ID, "uses"}} {
		if err := s.world.App.Link(s.ctx, link.k, link.a, link.n, link.b); err != nil {
			s.t.Fatal(err)
		}
	}
	s.world.Clock.Advance(90 * time.Minute)
	m.rdp.ImpactLevel, m.rdp.Exposure = 5, span(.2, .4, .8)
	s.save(m.rdp, &isms.Comment{SubjectKind: "risk", SubjectID: m.rdp.ID, Text: "The provider offers a VPN at no cost. *Could be done this week.*"})
	return m
}
