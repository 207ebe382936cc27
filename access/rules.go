package access

import (
	"slices"

	"holdfast/kind"
)

// grantOf is the whole policy. The matrix in docs/access.md is printed from it.
func grantOf(r Role, v kind.Verb, k *kind.Kind) Grant {
	switch r {
	case Administrator:
		return All
	case SecurityLead:
		return leadGrant(v, k)
	case Contributor:
		return contributorGrant(v, k)
	case Approver:
		return approverGrant(v, k)
	case Auditor:
		return readGrant(v, k)
	case Staff:
		return staffGrant(v, k)
	}
	return Nothing
}

// accounts are kinds that give power or hold secrets: only administrators change them.
var accounts = []string{"person", "workspace", "webhook", "identity_provider"}

// byAnyone are kinds that everybody who works with the product may add to.
var byAnyone = []string{"comment", "saved_view", "attachment"}

// keys open the door for their owner and nobody else; so their owners keep them.
var keys = []string{"api_token", "passkey"}

// keyGrant is what everybody who works with the product may do with keys.
func keyGrant(v kind.Verb) Grant {
	if v == kind.Read || v == kind.Write || v == kind.Delete {
		return Own
	}
	return Nothing
}

func readGrant(v kind.Verb, k *kind.Kind) Grant {
	switch {
	case v != kind.Read:
		return Nothing
	case slices.Contains(keys, k.Name):
		return Own
	}
	return All
}

func leadGrant(v kind.Verb, k *kind.Kind) Grant {
	switch {
	case v == kind.Read:
		return readGrant(v, k)
	case slices.Contains(keys, k.Name):
		return keyGrant(v)
	case slices.Contains(accounts, k.Name):
		return Nothing
	case v == kind.Write || v == kind.Delete:
		return All
	}
	return Nothing
}

func contributorGrant(v kind.Verb, k *kind.Kind) Grant {
	switch {
	case v == kind.Read:
		return readGrant(v, k)
	case slices.Contains(keys, k.Name):
		return keyGrant(v)
	case slices.Contains(accounts, k.Name) || v != kind.Write:
		return Nothing
	case k.Group == kind.Govern:
		if k.Personal {
			return Own
		}
		return Nothing
	}
	return All
}

func approverGrant(v kind.Verb, k *kind.Kind) Grant {
	switch {
	case v == kind.Read:
		return readGrant(v, k)
	case slices.Contains(keys, k.Name):
		return keyGrant(v)
	case v == kind.Approve && !slices.Contains(accounts, k.Name):
		return All
	case v == kind.Write && k.Personal:
		return Own
	case v == kind.Write && slices.Contains(byAnyone, k.Name):
		return All
	}
	return Nothing
}

// forStaff are kinds that every member of staff reads; of those with states for
// everybody only what is in one.
var forStaff = []string{"document", "document_version", "course", "person", "team"}

func staffGrant(v kind.Verb, k *kind.Kind) Grant {
	switch {
	case v == kind.Read && slices.Contains(forStaff, k.Name) && k.Public != nil:
		return Published
	case v == kind.Read && slices.Contains(forStaff, k.Name):
		return All
	case slices.Contains(keys, k.Name):
		return keyGrant(v)
	case (v == kind.Read || v == kind.Write) && k.Personal:
		return Own
	}
	return Nothing
}
