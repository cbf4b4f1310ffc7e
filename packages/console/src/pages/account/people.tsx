import { useQuery } from '@tanstack/react-query'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { type Member, peopleQuery, type PendingInvite, roleWords } from '../../api/people.ts'
import { ChangeRole } from '../../forms/change-role.tsx'
import { InvitePerson } from '../../forms/invite-person.tsx'
import { RemoveMember } from '../../forms/remove-member.tsx'
import { WithdrawInvite } from '../../forms/withdraw-invite.tsx'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Late } from '../../ui/late.tsx'
import { Section } from '../../ui/page.tsx'
import { RowDeed, Table, Td, Th, ThDeeds } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'

interface PeopleProps {
  readonly isOwner: boolean
  readonly ownId: string
}

/** Who is in the account and who is asked to join; owners decide about it. */
export function People({ isOwner, ownId }: PeopleProps) {
  const { data, error, refetch } = useQuery({ ...peopleQuery, enabled: isOwner })
  const [isInviting, setInviting] = useState(false)
  return (
    <Section
      title="People"
      lead="Owners decide about keys, people and settings; members work with files."
      actions={
        <Button disabledBecause={!isOwner && 'Only owners invite; ask one of them.'} onClick={() => setInviting(true)}>
          <UserPlus />
          Invite
        </Button>
      }
    >
      {!isOwner && (
        <p className="text-muted max-w-prose">
          As a member you do not see who else is here: that takes <code>account.membersList</code>, which owners have.
          An owner can make you one.
        </p>
      )}
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {isOwner && data === undefined && error === null && <Late />}
      {data !== undefined && (
        <>
          <Members members={data.members} ownId={ownId} />
          {data.invites.length > 0 && <Invites invites={data.invites} />}
        </>
      )}
      <InvitePerson isOpen={isInviting} onClose={() => setInviting(false)} />
    </Section>
  )
}

function Members({ members, ownId }: { readonly members: readonly Member[]; readonly ownId: string }) {
  const [changing, setChanging] = useState<Member>()
  const [removing, setRemoving] = useState<Member>()
  return (
    <>
      <Table
        label="Members"
        head={
          <>
            <Th>E-mail</Th>
            <Th>Role</Th>
            <Th>Joined</Th>
            <ThDeeds />
          </>
        }
      >
        {members.map((member) => (
          <tr key={member.userId}>
            <Td className="max-w-80 truncate" title={member.email}>
              <bdi>{member.email}</bdi> {member.userId === ownId && <Badge>you</Badge>}
            </Td>
            <Td>{roleWords[member.role].label}</Td>
            <Td>
              <Ago iso={member.createdAt} />
            </Td>
            <Td className="text-right whitespace-nowrap">
              <RowDeed name={`Change role of ${member.email}`} onClick={() => setChanging(member)}>
                Change role
              </RowDeed>
              <RowDeed
                name={member.userId === ownId ? 'Leave this account' : `Remove ${member.email}`}
                onClick={() => setRemoving(member)}
              >
                {member.userId === ownId ? 'Leave' : 'Remove'}
              </RowDeed>
            </Td>
          </tr>
        ))}
      </Table>
      <ChangeRole member={changing} onClose={() => setChanging(undefined)} />
      <RemoveMember member={removing} isSelf={removing?.userId === ownId} onClose={() => setRemoving(undefined)} />
    </>
  )
}

function Invites({ invites }: { readonly invites: readonly PendingInvite[] }) {
  const [withdrawing, setWithdrawing] = useState<PendingInvite>()
  return (
    <>
      <h3 className="font-medium">Invites that wait</h3>
      <Table
        label="Invites that wait"
        head={
          <>
            <Th>E-mail</Th>
            <Th>Role</Th>
            <Th>Made</Th>
            <Th>Good until</Th>
            <ThDeeds />
          </>
        }
      >
        {invites.map((invite) => (
          <tr key={invite.id}>
            <Td className="max-w-80 truncate" title={invite.email}>
              <bdi>{invite.email}</bdi>
            </Td>
            <Td>{roleWords[invite.role].label}</Td>
            <Td>
              <Ago iso={invite.createdAt} />
            </Td>
            <Td>
              <Ago iso={invite.expiresAt} />
            </Td>
            <Td className="text-right">
              <RowDeed name={`Withdraw the invite of ${invite.email}`} onClick={() => setWithdrawing(invite)}>
                Withdraw
              </RowDeed>
            </Td>
          </tr>
        ))}
      </Table>
      <WithdrawInvite invite={withdrawing} onClose={() => setWithdrawing(undefined)} />
    </>
  )
}
