// A list that grows: the page is a fragment of its own, and Relay writes the query that asks for the next one.
import { fetchQuery, graphql, type IEnvironment } from 'relay-runtime'
import type { ClassList_query$data } from './__generated__/ClassList_query.graphql'
import type { ClassListQuery } from './__generated__/ClassListQuery.graphql'

export const fragment = graphql`
  fragment ClassList_query on Query
  @refetchable(queryName: "ClassListPaginationQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 50 }, after: { type: "String" }) {
    classes(first: $first, after: $after, filter: { status: [ACTIVE] }) @connection(key: "ClassList_classes") {
      edges {
        node {
          name
          startDate
          ...ClassRoster_class
        }
      }
      totalCount
      sources {
        state
        message
      }
    }
  }
`

export const query = graphql`
  query ClassListQuery($first: Int) {
    viewer {
      role
    }
    ...ClassList_query @arguments(first: $first)
  }
`

export function role(environment: IEnvironment): Promise<string | undefined> {
  return fetchQuery<ClassListQuery>(environment, query, { first: 10 })
    .toPromise()
    .then((data) => data?.viewer?.role)
}

export function names(data: ClassList_query$data): string[] {
  return (data.classes?.edges ?? []).map((edge) => `${edge.node.name} ${edge.node.startDate ?? '—'}`)
}

// @ts-expect-error: the list may not be there
export const total = (data: ClassList_query$data): number => data.classes.edges.length
