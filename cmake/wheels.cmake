# Needed only where the ROS packages come from pip; given as CMAKE_PROJECT_INCLUDE,
# so that CMakeLists.txt stays what it would be on a ROS installation.
#
# The message targets in the wheels name the Python include folders of the machine
# that built the wheels. CMake stops at a target whose include folder is missing,
# so such folders are dropped once CMakeLists.txt has found all its packages.
function(_forget_missing_include_folders)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(folders)
      set(present)
      foreach(folder IN LISTS folders)
        if(folder MATCHES "^\\$<" OR EXISTS "${folder}")
          list(APPEND present "${folder}")
        endif()
      endforeach()
      set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${present}")
    endif()
  endforeach()
endfunction()
cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL _forget_missing_include_folders)
