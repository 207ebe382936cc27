package detect

import (
	"maps"
	"slices"
	"strings"
)

// An event tells what it is: a Windows event by its channel and number, a record of
// CloudTrail by its source. A rule that is written for something else is not tried on
// it. Of an event that is not recognised nothing is known, and every rule is tried.

// A class is a kind of event that is told apart.
type class struct {
	product    string
	services   []string
	categories []string
	other      bool // a Windows channel without a service of its own
}

// channels are the Windows logs and the services by which rules name them.
var channels = map[string][]string{
	"security":                             {"security"},
	"system":                               {"system"},
	"application":                          {"application"},
	"setup":                                {"setup"},
	"microsoft-windows-sysmon/operational": {"sysmon"},
	"windows powershell":                   {"powershell-classic"},
	"microsoft-windows-powershell/operational":                                 {"powershell"},
	"powershellcore/operational":                                               {"powershell"},
	"microsoft-windows-taskscheduler/operational":                              {"taskscheduler"},
	"microsoft-windows-wmi-activity/operational":                               {"wmi"},
	"microsoft-windows-windows defender/operational":                           {"windefend"},
	"microsoft-windows-windows firewall with advanced security/firewall":       {"firewall-as"},
	"microsoft-windows-bits-client/operational":                                {"bits-client"},
	"microsoft-windows-codeintegrity/operational":                              {"codeintegrity-operational"},
	"microsoft-windows-dns-client/operational":                                 {"dns-client"},
	"microsoft-windows-dns-server/analytical":                                  {"dns-server-analytic"},
	"microsoft-windows-dnsserver/audit":                                        {"dns-server-audit"},
	"dns server":                                                               {"dns-server"},
	"microsoft-windows-driverframeworks-usermode/operational":                  {"driver-framework"},
	"microsoft-windows-ntlm/operational":                                       {"ntlm"},
	"microsoft-windows-ntfs/operational":                                       {"ntfs"},
	"microsoft-windows-printservice/admin":                                     {"printservice-admin"},
	"microsoft-windows-printservice/operational":                               {"printservice-operational"},
	"microsoft-windows-security-mitigations/kernel mode":                       {"security-mitigations"},
	"microsoft-windows-security-mitigations/user mode":                         {"security-mitigations"},
	"microsoft-windows-shell-core/operational":                                 {"shell-core"},
	"microsoft-windows-smbclient/security":                                     {"smbclient-security"},
	"microsoft-windows-smbclient/connectivity":                                 {"smbclient-connectivity"},
	"microsoft-windows-smbserver/connectivity":                                 {"smbserver-connectivity"},
	"microsoft-windows-terminalservices-localsessionmanager/operational":       {"terminalservices-localsessionmanager"},
	"microsoft-windows-appxdeploymentserver/operational":                       {"appxdeployment-server"},
	"microsoft-windows-appxpackaging/operational":                              {"appxpackaging-om"},
	"microsoft-windows-appmodel-runtime/admin":                                 {"appmodel-runtime"},
	"microsoft-windows-applocker/exe and dll":                                  {"applocker"},
	"microsoft-windows-applocker/msi and script":                               {"applocker"},
	"microsoft-windows-applocker/packaged app-deployment":                      {"applocker"},
	"microsoft-windows-applocker/packaged app-execution":                       {"applocker"},
	"microsoft-windows-capi2/operational":                                      {"capi2"},
	"microsoft-windows-certificateservicesclient-lifecycle-system/operational": {"certificateservicesclient-lifecycle-system"},
	"microsoft-windows-diagnosis-scripted/operational":                         {"diagnosis-scripted"},
	"microsoft-windows-kernel-shimengine/operational":                          {"kernel-shimengine"},
	"microsoft-windows-kernel-eventtracing":                                    {"kernel-event-tracing"},
	"microsoft-windows-ldap-client/debug":                                      {"ldap"},
	"microsoft-windows-lsa/operational":                                        {"lsa-server"},
	"microsoft-windows-vhdmp-operational":                                      {"vhdmp"},
	"microsoft-windows-sense/operational":                                      {"sense"},
	"microsoft-windows-winrm/operational":                                      {"winrm"},
	"microsoft-servicebus-client":                                              {"microsoft-servicebus-client"},
	"microsoft-servicebus-client/admin":                                        {"microsoft-servicebus-client"},
	"microsoft-servicebus-client/operational":                                  {"microsoft-servicebus-client"},
	"msexchange management":                                                    {"msexchange-management"},
	"openssh/operational":                                                      {"openssh"},
	"microsoft-windows-hyper-v-worker-operational":                             {"hyper-v-worker"},
	"microsoft-windows-iis-configuration/operational":                          {"iis-configuration"},
	"microsoft-windows-user profile service/operational":                       {"userprofile"},
	"microsoft-windows-audit-cve":                                              {"audit-cve"},
}

// numbered are the Windows events that sources of any maker also know: the category
// of a rule instead of a log. The key is a channel and the numbers in it.
var numbered = map[string]map[string][]string{
	"microsoft-windows-sysmon/operational": {
		"1": {"process_creation"}, "2": {"file_change"}, "3": {"network_connection"}, "4": {"sysmon_status"},
		"5": {"process_termination"}, "6": {"driver_load"}, "7": {"image_load"}, "8": {"create_remote_thread"},
		"9": {"raw_access_thread"}, "10": {"process_access"}, "11": {"file_event"},
		"12": {"registry_event", "registry_add", "registry_delete"}, "13": {"registry_event", "registry_set"},
		"14": {"registry_event", "registry_rename"}, "15": {"create_stream_hash"}, "16": {"sysmon_status"},
		"17": {"pipe_created"}, "18": {"pipe_created"}, "19": {"wmi_event"}, "20": {"wmi_event"}, "21": {"wmi_event"},
		"22": {"dns_query"}, "23": {"file_delete"}, "24": {"clipboard_capture"}, "25": {"process_tampering"},
		"26": {"file_delete", "file_delete_detected"}, "27": {"file_block", "file_block_executable"},
		"28": {"file_block", "file_block_shredding"}, "29": {"file_executable_detected"}, "255": {"sysmon_error"},
	},
	"security": {
		"4688": {"process_creation"}, "4689": {"process_termination"}, "4657": {"registry_event", "registry_set"},
		"5156": {"network_connection"}, "4663": {"file_access", "registry_event"},
	},
	"microsoft-windows-powershell/operational": {"4103": {"ps_module"}, "4104": {"ps_script"}},
	"powershellcore/operational":               {"4103": {"ps_module"}, "4104": {"ps_script"}},
	"windows powershell":                       {"400": {"ps_classic_start"}, "600": {"ps_classic_provider_start"}, "800": {"ps_module"}},
}

// foreign are categories of sources that are neither Windows logs nor CloudTrail.
var foreign = []string{"webserver", "proxy", "firewall", "dns", "database"}

// services are all Windows services and categories by which rules can be told.
func knownServices() map[string]bool {
	all := map[string]bool{}
	for _, list := range channels {
		for _, s := range list {
			all[s] = true
		}
	}
	return all
}

func knownCategories() map[string]bool {
	all := map[string]bool{}
	for _, numbers := range numbered {
		for _, list := range numbers {
			for _, c := range list {
				all[c] = true
			}
		}
	}
	return all
}

// A sourceTable says of each class of events which rules are for it.
type sourceTable struct {
	channel map[string]channelClasses // by folded name
	admits  []admission               // by class; class 0 is an event that is not recognised
}

type channelClasses struct {
	byNumber map[string]int
	rest     int
}

// Classes that are always there.
const (
	classUnknown = iota
	classWindows // a Windows log that is not in the table
	classCloudTrail
)

// An admission is what the engine does with one class of events.
type admission struct {
	rules  []uint64   // a bit for each rule
	words  *wordIndex // of the keywords in their covers; nil: there are none
	always []int32    // those that have no cover
}

func (a *admission) has(rule int32) bool { return a.rules[rule>>6]&(1<<(rule&63)) != 0 }

// newSourceTable lists the classes; the rules are entered by admit.
func newSourceTable() (*sourceTable, []class) {
	t := &sourceTable{channel: map[string]channelClasses{}}
	classes := []class{{}, {product: "windows", other: true}, {product: "aws", services: []string{"cloudtrail"}}}
	for _, name := range slices.Sorted(maps.Keys(channels)) {
		c := channelClasses{byNumber: map[string]int{}, rest: len(classes)}
		classes = append(classes, class{product: "windows", services: channels[name]})
		byCategories := map[string]int{}
		for _, number := range slices.Sorted(maps.Keys(numbered[name])) {
			categories := numbered[name][number]
			key := strings.Join(categories, " ")
			if byCategories[key] == 0 {
				byCategories[key] = len(classes)
				classes = append(classes, class{"windows", channels[name], categories, false})
			}
			c.byNumber[number] = byCategories[key]
		}
		t.channel[name] = c
	}
	return t, classes
}

// A judge says which rules are for which class.
type judge struct{ services, categories map[string]bool }

func (j *judge) admits(c *class, s LogSource) bool {
	switch {
	case c.product == "":
		return true
	case s.Product != "" && s.Product != c.product:
		return false
	case s.Product == "" && slices.Contains(foreign, s.Category):
		return false
	}
	return j.admitsService(c, s.Service) && j.admitsCategory(c, s)
}

// admitsService lets rules for services that no table names try every event.
func (j *judge) admitsService(c *class, service string) bool {
	switch {
	case service == "" || slices.Contains(c.services, service):
		return true
	case c.product == "windows" && !j.services[service]:
		return len(c.categories) == 0
	}
	return false
}

func (j *judge) admitsCategory(c *class, s LogSource) bool {
	switch {
	case s.Category == "" || slices.Contains(c.categories, s.Category):
		return true
	case c.other:
		return true
	case j.categories[s.Category]:
		return false
	}
	return len(c.categories) == 0
}

// classOf recognises the event in the slots.
func (m *Matcher) classOf() int {
	e := m.engine
	if v := m.first(e.channelSlot); v != nil {
		c, known := e.sources.channel[string(m.folded(v))]
		if !known {
			if m.first(e.numberSlot) != nil {
				return classWindows
			}
			return classUnknown
		}
		if v := m.first(e.numberSlot); v != nil {
			if n, ok := c.byNumber[string(v.text)]; ok {
				return n
			}
		}
		return c.rest
	}
	if v := m.first(e.awsSlot); v != nil && strings.HasSuffix(string(v.text), ".amazonaws.com") && m.first(e.awsNameSlot) != nil {
		return classCloudTrail
	}
	return classUnknown
}
