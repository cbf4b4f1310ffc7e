import { casesOf } from '../case.ts'
import { requireThat } from '../otherwise.ts'
import type { Place } from '../place.ts'

const page = 'https://docs.pinata.cloud/files/file-groups'
const legacyPage = 'https://docs.pinata.cloud/web3/pinning/groups'

/** Groups: of v3 by file, and the legacy ones by CID. */
export const groupCases = [
  ...(['public', 'private'] as const).flatMap((network) =>
    casesOf({ page, row: 'groupsCreate' }, [
      {
        route: `POST /v3/groups/${network}`,
        name: 'a group',
        expected: '200 {"data":{"id","name","is_public","created_at"}}',
        async check(place: Place) {
          const { status, json, words } = await place.api('POST', `/v3/groups/${network}`, {
            json: { name: `conformance ${place.run}`, is_public: network === 'public' },
          })
          const id = json?.data?.id
          if (id !== undefined) {
            place.removeLater(() => place.api('DELETE', `/v3/groups/${network}/${id}`))
            place.kept.set(`${network} group`, id)
          }
          requireThat(status === 200 && typeof id === 'string' && json.data.created_at !== undefined, words)
          return words
        },
      },
      {
        route: `GET /v3/groups/${network}`,
        name: 'listed by name',
        expected: '200 {"data":{"groups":[one],"next_page_token"}}',
        async check(place: Place) {
          const { status, json, words } = await place.api('GET', `/v3/groups/${network}?name=${place.run}&limit=5`)
          requireThat(status === 200 && json?.data?.groups?.[0]?.id === place.need(`${network} group`), words)
          return '200, one group'
        },
      },
      {
        route: `PUT /v3/groups/${network}/{id}/ids/{file_id}`,
        name: 'a file enters, and is found by its group',
        expected: '200, then one file',
        async check(place: Place) {
          const group = place.need(`${network} group`)
          const put = await place.api('PUT', `/v3/groups/${network}/${group}/ids/${place.need(`${network} id`)}`)
          const list = await place.api('GET', `/v3/files/${network}?group=${group}`)
          requireThat(put.status === 200 && list.json?.data?.files?.length === 1, `${put.words}, then ${list.words}`)
          return '200, then one file'
        },
      },
      {
        route: `DELETE /v3/groups/${network}/{id}/ids/{file_id}`,
        name: 'and leaves it',
        expected: '200, then no file',
        async check(place: Place) {
          const group = place.need(`${network} group`)
          const out = await place.api('DELETE', `/v3/groups/${network}/${group}/ids/${place.need(`${network} id`)}`)
          const list = await place.api('GET', `/v3/files/${network}?group=${group}`)
          requireThat(out.status === 200 && list.json?.data?.files?.length === 0, `${out.words}, then ${list.words}`)
          return '200, then no file'
        },
      },
      {
        route: `PUT /v3/groups/${network}/{id}`,
        name: 'another name',
        expected: '200 {"data":{"name":"renamed"}}',
        async check(place: Place) {
          const { status, json, words } = await place.api(
            'PUT',
            `/v3/groups/${network}/${place.need(`${network} group`)}`,
            {
              json: { name: 'renamed' },
            },
          )
          requireThat(status === 200 && json?.data?.name === 'renamed', words)
          return words
        },
      },
    ]),
  ),
  ...casesOf({ page, row: 'groupsList' }, [
    {
      route: 'GET /v3/files/groups',
      name: 'the older address of private groups',
      expected: '200 {"data":{"groups":[…]}}',
      async check(place) {
        const { status, json, words } = await place.api('GET', '/v3/files/groups')
        requireThat(status === 200 && Array.isArray(json?.data?.groups), words)
        return '200, groups'
      },
    },
  ]),
  ...casesOf({ page: legacyPage, row: 'legacyGroupsCreate' }, [
    {
      route: 'POST /groups',
      name: 'a legacy group, without a wrapper, camelCase dates',
      expected: '200 {"id","user_id","name","createdAt","updatedAt"}',
      async check(place) {
        const { status, json, words } = await place.api('POST', '/groups', { json: { name: `legacy ${place.run}` } })
        if (json?.id !== undefined) {
          place.removeLater(() => place.api('DELETE', `/groups/${json.id}`))
          place.kept.set('legacy group', json.id)
        }
        requireThat(status === 200 && json?.createdAt !== undefined && json.user_id !== undefined, words)
        return words
      },
    },
    {
      route: 'GET /groups',
      name: 'a bare array',
      expected: '200 [one]',
      async check(place) {
        const { status, json, words } = await place.api('GET', `/groups?nameContains=${place.run}`)
        requireThat(status === 200 && json?.[0]?.id === place.need('legacy group'), words)
        return words
      },
    },
    {
      route: 'PUT /groups/{id}/cids',
      name: 'CIDs enter; the answer is the text OK',
      expected: '200 OK',
      async check(place) {
        const { status, text, words } = await place.api('PUT', `/groups/${place.need('legacy group')}/cids`, {
          json: { cids: [place.need('public cid')] },
        })
        requireThat(status === 200 && text === 'OK', words)
        return words
      },
    },
    {
      route: 'DELETE /groups/{id}/cids',
      name: 'a DELETE with a body takes them out',
      expected: '200 OK',
      async check(place) {
        const { status, text, words } = await place.api('DELETE', `/groups/${place.need('legacy group')}/cids`, {
          json: { cids: [place.need('public cid')] },
        })
        requireThat(status === 200 && text === 'OK', words)
        return words
      },
    },
  ]),
]
