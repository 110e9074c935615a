// A list inside any class: asked again by the id alone, through node(id).
import { graphql } from 'relay-runtime'
import type { ClassRoster_class$data } from './__generated__/ClassRoster_class.graphql'
import type { ClassRosterPaginationQuery$variables } from './__generated__/ClassRosterPaginationQuery.graphql'

export const fragment = graphql`
  fragment ClassRoster_class on Class
  @refetchable(queryName: "ClassRosterPaginationQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 25 }, after: { type: "String" }) {
    enrolledCount
    roster(first: $first, after: $after, sort: NAME_DESC) @connection(key: "ClassRoster_roster") {
      edges {
        node {
          status
          user {
            fullName
          }
        }
      }
    }
    ... on CanvasClass {
      canvasUrl
    }
  }
`

export function people(data: ClassRoster_class$data): string[] {
  return (data.roster?.edges ?? []).map((edge) => edge.node.user.fullName)
}

export const again: ClassRosterPaginationQuery$variables = { id: 'an id', after: 'a cursor' }

// @ts-expect-error: nothing is asked again without an id
export const lost: ClassRosterPaginationQuery$variables = { after: 'a cursor' }
